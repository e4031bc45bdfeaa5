import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { basename, join } from 'node:path';
import type { StageState } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { type BankFolder, bankFolder } from './bank-folder.ts';
import { type EngineCopy, engineCopy } from './engine-copy.ts';
import { type Ended, type Printed, runProgram } from './program.ts';
import { generateSlices } from './slices.ts';

/**
 * The sample's config with one campaign: insurance to all who have none, trained on everybody's deposits and insurance in four bands, 64
 * factors, 15 iterations, with the rule of consent; no clusters, no segments; Parquet in, Parquet out.
 */
function crossSellConfig(memory: string, isPlain: boolean): string {
  const config = sampleConfig({ model: 'als', path: '../data' });
  const [head, , rest] = cut(config, 'derive:', 'recency:');
  const [recency] = cut(rest, 'clusters:', 'rules:');
  const [, , tail] = cut(config, 'evaluate:', 'output:');
  return `${head}${recency}
rules:
  - { reason: NO_MARKETING_CONSENT, require: "CONSENT_YN = 'Y'" }
campaigns:
  insurance-cross:  { kind: cross, class: insurance, columns: [deposit, insurance] }
model: { kind: als, factors: 64, regularization: 40, alpha: 10, constant: 1, iterations: 15, seed: 0 }
top_n: 5
${isPlain ? 'calibrate: false\n' : ''}${tail}`
    .replace('memory: 4GB', `memory: ${memory}`)
    .replace('formats: [parquet, csv]', 'formats: [parquet]')
    .replace('from: customers.parquet', 'from: "*/customers.parquet"')
    .replace('from: holdings.parquet', 'from: "*/holdings.parquet"')
    .replace('from: products.parquet', 'from: 000/products.parquet');
}

/** A text before `from`, from there until `to`, and from `to` on. */
function cut(text: string, from: string, to: string): [string, string, string] {
  const [first, last] = [text.indexOf(`\n${from}`) + 1, text.indexOf(`\n${to}`) + 1];
  if (first === 0 || last < first) throw new Error(`the sample's config has no ${from} before ${to}`);
  return [text.slice(0, first), text.slice(first, last), text.slice(last)];
}

/** One run of the job. */
export interface CrossSellRun extends Pick<Ended, 'seconds' | 'peak'> {
  stages: readonly StageState[];
  campaigns: Printed['campaigns'];
  /** The engine's own copy of the same bytes; null where it was left out. */
  copy: EngineCopy | null;
  load: number;
}

/** A generated bank in a folder (@see bankFolder), in slices: `data/<slice>/*.parquet`. */
export function crossSellBank(customers: number, named?: string): Promise<BankFolder> {
  const products = 300;
  return bankFolder({ customers, products, named }, (folder) => generateSlices(join(folder, 'data'), customers, products));
}

/** Generates a bank and runs the job of one cross-sell campaign on it `runs` times (@see runJobOf). */
export async function runCrossSell(
  customers: number,
  { runs, named, ...how }: { runs: number; memory: string; mayCopy?: boolean; plain?: boolean; named?: string | undefined },
): Promise<{ holdings: number; runs: CrossSellRun[] }> {
  const { folder, holdings, remove } = await crossSellBank(customers, named);
  try {
    const done: CrossSellRun[] = [];
    for (let run = 0; run < runs; run++) done.push(await runJobOf(folder, how));
    return { holdings, runs: done };
  } finally {
    remove();
  }
}

/**
 * Runs the job of one cross-sell campaign on the bank of a folder.
 * @param how `mayCopy` false leaves out the engine's own copy of the same bytes, for banks that leave little room on the disk; `plain` is a run
 * without probabilities
 */
export async function runJobOf(
  folder: string,
  { memory, mayCopy = true, plain = false }: { memory: string; mayCopy?: boolean; plain?: boolean },
): Promise<CrossSellRun> {
  const job = join(folder, 'job');
  rmSync(job, { recursive: true, force: true }); // of a run that was stopped
  mkdirSync(job);
  writeFileSync(join(job, 'basketwise.yaml'), crossSellConfig(memory, plain));
  const load = loadavg()[0]!;
  const { code, stdout, seconds, peak } = await runProgram(job);
  if (code !== 0) throw new Error(`the run ended with ${code}: ${stdout}`);
  const { stages, campaigns, files }: Printed = JSON.parse(stdout);
  const result = Object.values(files).find((file) => basename(file) === 'recommendations.parquet')!;
  console.error(`  run: ${seconds.toFixed(1)} s, result of ${(statSync(result).size / 2 ** 20).toFixed(0)} MiB`);
  const copy = mayCopy ? await engineCopy(join(folder, 'data', '*'), result, { folder, memory }) : null;
  rmSync(job, { recursive: true });
  return { seconds, peak, stages, campaigns, copy, load };
}
