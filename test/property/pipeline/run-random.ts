import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb, queryRows } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import fc from 'fast-check';
import { clustered, outputFaults, type PublishedRows } from './output-faults.ts';
import { bankFiles, type RandomBank, randomBank } from './random-bank.ts';

/** Whether a bank may be refused for the sake of its clusters: too few different customers, empty fields left aside. */
function hasTooFew(bank: RandomBank): boolean {
  return Object.entries(bank.schemes).some(([scheme, { k }]) => {
    const complete = clustered(bank, scheme).filter(({ age, balance }) => age !== null && balance !== null);
    const different = new Set(complete.map(({ age, balance, kind }) => JSON.stringify([age, balance, kind])));
    return different.size < Math.max(2, k);
  });
}

const refusals = ['cluster-count', 'bad-data', 'missing-input'];

async function publishedRows(engine: DuckdbEngine, folder: string, campaigns: unknown): Promise<PublishedRows> {
  const rows = (file: string) => queryRows(engine, `SELECT * FROM read_parquet(${engine.dialect.text(join(folder, file))})`);
  return {
    recommendations: await rows('recommendations.parquet'),
    suppressed: await rows('suppressed.parquet'),
    clusters: await rows('clusters.parquet'),
    campaigns,
  } as unknown as PublishedRows;
}

async function faultsOf(engine: DuckdbEngine, bank: RandomBank): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-fuzz-'));
  try {
    for (const [name, content] of Object.entries(bankFiles(bank))) await writeFile(join(folder, name), content);
    const settings = await loadConfig(join(folder, 'basketwise.yaml'));
    const report = await runJob(settings);
    return outputFaults(bank, await publishedRows(engine, report.folder, report.campaigns));
  } catch (error) {
    if (error instanceof AppError && refusals.includes(error.code) && /cluster/.test(error.message) && hasTooFew(bank)) return [];
    return [error instanceof AppError ? `refused, ${error.code}: ${error.message}` : String((error as Error).stack)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the job on random banks and holds what it publishes to its invariants. @throws with a bank that breaks one */
export async function checkRandomBanks(cases: number, seed: number): Promise<void> {
  const spill = await mkdtemp(join(tmpdir(), 'basketwise-fuzz-spill-'));
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: spill });
  try {
    await fc.assert(
      fc.asyncProperty(randomBank, async (bank) => {
        const faults = await faultsOf(engine, bank);
        if (faults.length > 0) throw new Error(faults.slice(0, 5).join('\n'));
      }),
      { numRuns: cases, seed, includeErrorInReport: true, endOnFailure: true },
    );
  } finally {
    await engine.close();
    await rm(spill, { recursive: true, force: true });
  }
}
