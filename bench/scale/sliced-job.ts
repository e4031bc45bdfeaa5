import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { basename, join } from 'node:path';
import type { StageState } from '@basketwise/pipeline';
import { type EngineCopy, engineCopy } from './engine-copy.ts';
import { type Ended, type Printed, runProgram } from './program.ts';
import { crossSellConfig, nightConfig, type SlicedTerms } from './sliced-configs.ts';
import { slicedBank } from './slices.ts';

/** A job on a bank in slices. */
export interface SlicedJob {
  /** Names of products. */
  products: number;
  config: (terms: SlicedTerms) => string;
}

/** One cross-sell campaign with `als`. */
export const crossSell: SlicedJob = { products: 300, config: crossSellConfig };
/** The sample's six campaigns with the default model. */
export const wholeNight: SlicedJob = { products: 430, config: nightConfig };

/** One run of a job. */
export interface SlicedRun extends Pick<Ended, 'seconds' | 'peak'> {
  stages: readonly StageState[];
  campaigns: Printed['campaigns'];
  /** The engine's own copy of the same bytes; null where it was left out. */
  copy: EngineCopy | null;
  load: number;
}

/** How to run a job: `mayCopy` false leaves out the engine's own copy of the same bytes, for banks that leave little room on the disk. */
export interface SlicedRunOptions extends SlicedTerms {
  mayCopy?: boolean;
}

/** Generates a bank and runs a job on it `runs` times (@see runSlicedJob). */
export async function runOnSlices(
  job: SlicedJob,
  customers: number,
  { runs, named, ...how }: SlicedRunOptions & { runs: number; named?: string | undefined },
): Promise<{ holdings: number; runs: SlicedRun[] }> {
  const { folder, holdings, remove } = await slicedBank(customers, job.products, named);
  try {
    const done: SlicedRun[] = [];
    for (let run = 0; run < runs; run++) done.push(await runSlicedJob(job, folder, how));
    return { holdings, runs: done };
  } finally {
    remove();
  }
}

/** Runs a job on the bank of a folder. */
export async function runSlicedJob(
  { config }: SlicedJob,
  folder: string,
  { mayCopy = true, ...terms }: SlicedRunOptions,
): Promise<SlicedRun> {
  const work = join(folder, 'job');
  rmSync(work, { recursive: true, force: true }); // of a run that was stopped
  mkdirSync(work);
  writeFileSync(join(work, 'basketwise.yaml'), config(terms));
  const load = loadavg()[0]!;
  const { code, stdout, seconds, peak } = await runProgram(work);
  if (code !== 0) throw new Error(`the run ended with ${code}: ${stdout}`);
  const { stages, campaigns, files }: Printed = JSON.parse(stdout);
  const result = Object.values(files).find((file) => basename(file) === 'recommendations.parquet')!;
  console.error(`  run: ${seconds.toFixed(1)} s, result of ${(statSync(result).size / 2 ** 20).toFixed(0)} MiB`);
  const copy = mayCopy ? await engineCopy(join(folder, 'data', '*'), result, { folder, memory: terms.memory }) : null;
  rmSync(work, { recursive: true });
  return { seconds, peak, stages, campaigns, copy, load };
}
