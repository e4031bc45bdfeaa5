/** State before and after one pass of Bayesian personalised ranking: lines of `factors` numbers a column. */
export interface BprState {
  held: number[][];
  offered: number[][];
  bias: number[];
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const draw = (seed: number, index: number) => mix((seed + Math.imul(index + 1, 0x9e37_79b9)) >>> 0);

/** The samples of assembly/models/bpr.ts, one customer a basket (columns ascending, pseudo-products from `products` on), with plain arrays. */
export function bprPass(
  baskets: readonly (readonly number[])[],
  products: number,
  { held, offered, bias }: BprState,
  { samples, seed, rate, lambda }: { samples: number; seed: number; rate: number; lambda: number },
): void {
  const holdings = baskets.flatMap((basket, row) => basket.filter((c) => c < products).map((column) => ({ row, column })));
  for (let sample = 0; sample < samples; sample++) {
    const { row, column: i } = holdings[Math.floor((draw(seed, 2 * sample) / 2 ** 32) * holdings.length)]!;
    const basket = baskets[row]!;
    const other = draw(seed, 2 * sample + 1);
    const tries = Array.from({ length: 32 }, (_, t) => draw(other, t) % products);
    const j = tries.find((column) => !basket.includes(column));
    if (j === undefined) continue;
    const rest = basket.filter((column) => column !== i);
    const s = rest.length > 0 ? 1 / Math.sqrt(rest.length) : 0;
    const x = offered[i]!.map((_, k) => s * rest.reduce((sum, column) => sum + held[column]![k]!, 0));
    const difference = offered[i]!.map((value, k) => value - offered[j]![k]!);
    const d = bias[i]! - bias[j]! + x.reduce((sum, value, k) => sum + value * difference[k]!, 0);
    const z = 1 / (1 + Math.exp(d));
    bias[i]! += rate * (z - lambda * bias[i]!);
    bias[j]! += rate * (-z - lambda * bias[j]!);
    for (const column of rest) {
      held[column] = held[column]!.map((value, k) => value + rate * (z * s * difference[k]! - lambda * value));
    }
    offered[i] = offered[i]!.map((value, k) => value + rate * (z * x[k]! - lambda * value));
    offered[j] = offered[j]!.map((value, k) => value + rate * (-z * x[k]! - lambda * value));
  }
}
