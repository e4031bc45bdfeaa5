import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb, publishedRelation, queryRows } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import fc from 'fast-check';
import { keepTalkOf } from '../../privacy/talk.ts';
import { writeOptOutList, writeRandomBank } from './bank-files.ts';
import { expectedRefusal } from './expected-refusal.ts';
import { outputFaults, type PublishedRows } from './output-faults.ts';
import { predicates, type RandomBank, randomBank } from './random-bank.ts';
import { faultsOfNights, type RandomNights, randomNights } from './random-nights.ts';

const csvColumns = ['customer', 'campaign', 'rank', 'product_code', 'product_name', 'score', 'probability', 'source', 'cluster'];

async function publishedRows(
  engine: DuckdbEngine,
  folder: string,
  { formats }: RandomBank,
  campaigns: unknown,
): Promise<PublishedRows> {
  const { text } = engine.dialect;
  const rows = (file: string) => queryRows(engine, `SELECT * FROM read_parquet(${text(join(folder, file))})`);
  const csv = () => {
    const from = publishedRelation(engine.dialect, folder, { formats: ['csv'], escape_formulas: true });
    return queryRows(engine, `SELECT ${csvColumns.join(', ')} FROM ${from}`);
  };
  const recommendations = await Promise.all(
    formats.map((format) => (format === 'csv' ? csv() : rows('recommendations.parquet'))),
  );
  return {
    recommendations: recommendations[0],
    others: recommendations.slice(1),
    suppressed: await rows('suppressed.parquet'),
    clusters: await rows('clusters.parquet'),
    segments: await rows('segments.parquet'),
    campaigns,
  } as unknown as PublishedRows;
}

async function faultsOf(
  engine: DuckdbEngine,
  bank: RandomBank,
  expected: string | null,
  nights: RandomNights | null,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-fuzz-'));
  try {
    await writeRandomBank(engine, folder, bank);
    const settings = await loadConfig(join(folder, 'basketwise.yaml'));
    const report = await runJob(settings);
    if (expected !== null) return [`served; expected to be refused: ${expected}`];
    const faults = outputFaults(bank, await publishedRows(engine, report.folder, bank, report.campaigns));
    if (faults.length > 0) return faults;
    const next = bank.nextOptedOut === null ? [] : await nextNight(engine, bank, folder);
    return next.length > 0 || nights === null ? next : await faultsOfNights(bank, nights, folder);
  } catch (error) {
    if (!(error instanceof AppError)) return [String((error as Error).stack)];
    return error.code === expected ? [] : [`refused, ${error.code}: ${error.message}; expected ${expected ?? 'to be served'}`];
  } finally {
    keepTalkOf(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Faults of the night after, when another list of customers who opted out was delivered. */
async function nextNight(engine: DuckdbEngine, bank: RandomBank, folder: string): Promise<string[]> {
  const next = { ...bank, optedOut: bank.nextOptedOut! };
  await writeOptOutList(folder, next.optedOut);
  const {
    folder: run,
    campaigns,
    stages,
  } = await runJob(await loadConfig(join(folder, 'basketwise.yaml')), { acceptDrop: true });
  const isSame = [...next.optedOut].join('\0') === [...bank.optedOut].join('\0') || !readsList(bank);
  const isSkipped = stages.every(({ status }) => status === 'skipped');
  const faults = outputFaults(next, await publishedRows(engine, run, next, campaigns)).map(
    (fault) => `the night after: ${fault}`,
  );
  return isSame === isSkipped ? faults : [...faults, `the night after was ${isSkipped ? '' : 'not '}skipped`];
}

function readsList({ rules }: RandomBank): boolean {
  return rules.some(({ predicate }) => predicate === predicates.length - 1);
}

/** How many banks were served, and refused with which code; of how many several nights were run. */
export interface Outcomes {
  served: number;
  refused: Record<string, number>;
  nights: number;
}

/**
 * Runs the job on random banks and holds what it publishes to its invariants, or its refusal to the one that the bank deserves.
 * @param share of banks of which several nights are run, redone, selected and rolled back, to a hundredth: those take some seconds each
 * @throws with a bank that breaks one
 */
export async function checkRandomBanks(
  cases: number,
  seed: number,
  share = 0,
  each: (done: number) => void = () => {},
): Promise<Outcomes> {
  const spill = await mkdtemp(join(tmpdir(), 'basketwise-fuzz-spill-'));
  const outcomes: Outcomes = { served: 0, refused: {}, nights: 0 };
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: spill });
  let done = 0;
  const some = Math.round(100 * share);
  const moves = fc.oneof({ weight: 100 - some, arbitrary: fc.constant(null) }, { weight: some, arbitrary: randomNights });
  try {
    await fc.assert(
      fc.asyncProperty(randomBank, moves, async (bank, nights) => {
        const refusal = expectedRefusal(bank);
        const faults = await faultsOf(engine, bank, refusal, nights);
        if (faults.length > 0) throw new Error(faults.slice(0, 5).join('\n'));
        if (refusal === null) outcomes.served++;
        else outcomes.refused[refusal] = (outcomes.refused[refusal] ?? 0) + 1;
        if (refusal === null && nights !== null) outcomes.nights++;
        each(++done);
      }),
      { numRuns: cases, seed, includeErrorInReport: true, endOnFailure: true },
    );
    return outcomes;
  } finally {
    await engine.close();
    await rm(spill, { recursive: true, force: true });
  }
}
