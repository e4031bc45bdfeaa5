/** Compares two product codes by their UTF-8 bytes. This is the order of code points, in every locale. */
export function compareCodes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates (0xd800 to 0xdfff) encode code points above all other 16-bit units.
    return rankOfUnit(x) - rankOfUnit(y);
  }
  return a.length - b.length;
}

function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Positions of the elements of `codes`, in the order that sorts them by `compareCodes`. Equal codes stay in their order. */
export function codeOrder(codes: readonly string[]): number[] {
  return codes.map((_, i) => i).sort((a, b) => compareCodes(codes[a]!, codes[b]!) || a - b);
}
