import { grown } from '@basketwise/core';

// Layout of a distinct row (four words, in one cache line) and of a slot of the hash table (two words).
const [rowStart, rowEnd, rowGroup, rowMultiplicity, rowWords] = [0, 1, 2, 3, 4];
const [slotRow, slotHash, slotWords] = [0, 1, 2];

/** Set of distinct rows of entries, each in a group, stored in flat arrays. Finding a row that is in the set reads three memory locations. */
export class RowSet {
  #slots = new Int32Array(2048 * slotWords).fill(-1);
  #rows = new Int32Array(1024 * rowWords);
  #entry = new Uint32Array(4096);
  #count = 0;
  #end = 0;

  /** Number of entries of all distinct rows together. */
  get entries(): number {
    return this.#end;
  }

  /** Adds a row: the first `length` elements of `entries`, ascending. `times` is added to the row's multiplicity. */
  add(entries: Uint32Array, length: number, group: number, times: number): void {
    let hash = group;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (hash >>> 15) ^ entries[i]!, 0x85ebca6b);
    hash ^= hash >>> 13; // The result is a signed 32-bit integer, like the hashes in the slots.
    if (this.#count * 2 * slotWords >= this.#slots.length) this.#grow();
    const slot = this.#find(hash, entries, length, group);
    const row = this.#slots[slot + slotRow]!;
    if (row >= 0) {
      this.#rows[row * rowWords + rowMultiplicity]! += times;
      return;
    }
    const at = this.#count * rowWords;
    this.#slots[slot + slotRow] = this.#count++;
    this.#slots[slot + slotHash] = hash;
    if (at + rowWords > this.#rows.length || this.#end + length > this.#entry.length)
      this.#makeRoom(at + rowWords, this.#end + length);
    this.#rows[at + rowStart] = this.#end;
    for (let i = 0; i < length; i++) this.#entry[this.#end++] = entries[i]!;
    this.#rows[at + rowEnd] = this.#end;
    this.#rows[at + rowGroup] = group;
    this.#rows[at + rowMultiplicity] = times;
  }

  /** Row numbers, sorted by group, then by entries. */
  inOrder(): Uint32Array {
    const order = new Uint32Array(this.#count);
    for (let row = 0; row < order.length; row++) order[row] = row;
    return order.sort((a, b) => this.#compare(a * rowWords, b * rowWords));
  }

  /** Copies the entries of a row into `to` at position `at`. Returns the position after the last copied entry. */
  copyEntries(row: number, to: Uint32Array, at: number): number {
    const [from, end] = [this.#rows[row * rowWords + rowStart]!, this.#rows[row * rowWords + rowEnd]!];
    for (let i = from; i < end; i++) to[at++] = this.#entry[i]!;
    return at;
  }

  groupOf(row: number): number {
    return this.#rows[row * rowWords + rowGroup]!;
  }

  multiplicityOf(row: number): number {
    return this.#rows[row * rowWords + rowMultiplicity]!;
  }

  #compare(a: number, b: number): number {
    const rows = this.#rows;
    if (rows[a + rowGroup] !== rows[b + rowGroup]) return rows[a + rowGroup]! - rows[b + rowGroup]!;
    let [i, j] = [rows[a + rowStart]!, rows[b + rowStart]!];
    const [endOfA, endOfB] = [rows[a + rowEnd]!, rows[b + rowEnd]!];
    while (i < endOfA && j < endOfB && this.#entry[i] === this.#entry[j]) [i, j] = [i + 1, j + 1];
    return i < endOfA && j < endOfB ? this.#entry[i]! - this.#entry[j]! : endOfA - i - (endOfB - j);
  }

  /** Slot of a row if the set contains the row. Otherwise the free slot where the row will be stored. */
  #find(hash: number, entries: Uint32Array, length: number, group: number): number {
    const mask = this.#slots.length - 1;
    let slot = (hash << 1) & mask;
    for (;;) {
      const row = this.#slots[slot + slotRow]!;
      if (row < 0) return slot;
      if (this.#slots[slot + slotHash] === hash && this.#equals(row * rowWords, entries, length, group)) return slot;
      slot = (slot + slotWords) & mask;
    }
  }

  #equals(row: number, entries: Uint32Array, length: number, group: number): boolean {
    const from = this.#rows[row + rowStart]!;
    if (this.#rows[row + rowGroup] !== group || this.#rows[row + rowEnd]! - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#entry[from + i] !== entries[i]) return false;
    return true;
  }

  #makeRoom(words: number, entries: number): void {
    this.#rows = grown(this.#rows, words, (size) => new Int32Array(size));
    this.#entry = grown(this.#entry, entries, (size) => new Uint32Array(size));
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let from = 0; from < old.length; from += slotWords) {
      if (old[from + slotRow]! < 0) continue;
      let slot = (old[from + slotHash]! << 1) & mask;
      while (this.#slots[slot + slotRow]! >= 0) slot = (slot + slotWords) & mask;
      this.#slots[slot + slotRow] = old[from + slotRow]!;
      this.#slots[slot + slotHash] = old[from + slotHash]!;
    }
  }
}
