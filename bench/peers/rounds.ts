/** Rounds of a comparison; BENCH_ROUNDS overrides. */
export const roundCount = Number(process.env.BENCH_ROUNDS ?? 3);

/** Runs each contestant once per round, in the same order, so that what else happens on the machine meets all alike: seconds by name. */
export async function inRounds<Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<number>>>,
  rounds = roundCount,
  say: (line: string) => void = console.error,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const taken = await contestants[name]();
      seconds[name].push(taken);
      say(`  round ${round + 1}: ${name} ${taken.toPrecision(4)} s`);
    }
  }
  return seconds;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** How many times longer `slow` took than `fast`: of the medians, and the least and most of a round. */
export interface Ratio {
  median: number;
  least: number;
  most: number;
}

export function ratioOf(slow: readonly number[], fast: readonly number[]): Ratio {
  const each = slow.map((seconds, round) => seconds / fast[round]!);
  return { median: median(slow) / median(fast), least: Math.min(...each), most: Math.max(...each) };
}

export function ratioText({ median: middle, least, most }: Ratio): string {
  return `${middle.toPrecision(3)}x (${least.toPrecision(3)} to ${most.toPrecision(3)})`;
}

export const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
