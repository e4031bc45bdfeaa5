import type { Address } from './address.ts';
import type { KernelMemory } from './memory.ts';

/** The place of each field of a record (assembly/layouts.ts), whose words are u32. */
type Layout = Readonly<Record<'recordWords' | 'recordBytes', number>>;

/** Fields of a record; those that are absent are 0. */
export type Fields<L extends Layout> = Partial<Record<Exclude<keyof L, keyof Layout>, number>>;

/** The words of a record. */
export function recordOf<L extends Layout>(layout: L, fields: Fields<L>): number[] {
  const record = new Array<number>(layout.recordWords).fill(0);
  for (const [name, value] of Object.entries<number | undefined>(fields)) record[layout[name as keyof L] as number] = value ?? 0;
  return record;
}

/** Puts records into kernel memory, one after the other. */
export function storeRecords<L extends Layout>(memory: KernelMemory, layout: L, records: readonly Fields<L>[]): Address {
  return memory.store(Uint32Array.from(records.flatMap((fields) => recordOf(layout, fields))));
}
