import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlainDate } from '@basketwise/core';
import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import { ifThere, nameFinished } from '@basketwise/data/base';
import { type EarlierRun, earlierRuns } from './earlier-runs.ts';
import { type PublishedRun, publishedNights } from './published-runs.ts';

/**
 * File of a run with the customers of all offers before the run. It stays when `output.keep` removes the earlier runs. Its rows
 * (salt, customer) name each customer in an offer of either arm, and each salt with which the arm was drawn.
 */
const offeredBeforeFile = 'offered-before.parquet';

const noneOffered = `SELECT '' AS salt, '' AS customer WHERE false`;

/** Query (salt, customer) that reads a run's file of earlier offers. Without a run or without a file it has no rows. */
export async function carriedSql({ dialect }: DuckdbEngine, run: Pick<EarlierRun, 'folder'> | undefined): Promise<string> {
  if (run === undefined) return noneOffered;
  const file = join(run.folder, offeredBeforeFile);
  return (await hasFile(file)) ? `SELECT salt, customer FROM read_parquet(${dialect.text(file)})` : noneOffered;
}

/** Query (salt, customer) of the customers in a run's own offers, of both arms. A customer has a row for each salt of the run. */
export function offeredSql({ dialect }: DuckdbEngine, run: EarlierRun): string {
  const { control, experiment } = run.draws;
  const salts = [...new Set([control, experiment].flatMap((draw) => draw?.salt ?? []))];
  const offers = publishedRelation(dialect, run.folder, run.output, 'offers');
  const parts = salts.map((salt) => `SELECT DISTINCT ${dialect.text(salt)} AS salt, customer FROM ${offers}`);
  return parts.length === 0 ? noneOffered : parts.join(' UNION ALL ');
}

/** Published runs before a date. Cool-off periods and the file of earlier offers depend on them. */
export async function offeringNights(output: string, date: PlainDate): Promise<PublishedRun[]> {
  return (await publishedNights(output)).filter((night) => night.date < date);
}

/** Published runs with offers before a date, ascending by date. Only runs whose folders still exist. */
export async function offeringRuns(output: string, date: PlainDate): Promise<EarlierRun[]> {
  return (await earlierRuns(output, date)).filter((run) => run.hasOffers && run.date < date);
}

/**
 * Published runs with offers after `since` and before the reference date. Their offers to the control count like contacts. Both
 * arms then have equal cool-off periods, so that later runs offer both arms the same products.
 * @param since null: the config has no cool-off period
 */
export async function controlRuns(output: string, since: PlainDate | null, date: PlainDate): Promise<EarlierRun[]> {
  if (since === null) return [];
  return (await offeringRuns(output, date)).filter((run) => run.date > since);
}

/**
 * Writes a run's file of earlier offers. It copies the file of the newest earlier run that has one. It adds the own offers of
 * that run and of all runs after it. Equal runs and customers give equal bytes. Customers that the table `customers` lacks are
 * left out, because the bank may have erased them.
 * @param engine has the table `customers` of the run's snapshot
 * @param runs all earlier runs with offers, ascending by date
 * @returns name of the file
 */
export async function writeOfferedBefore(engine: DuckdbEngine, runs: readonly EarlierRun[], folder: string): Promise<string> {
  const has = await Promise.all(runs.map((run) => hasFile(join(run.folder, offeredBeforeFile))));
  const since = runs.slice(Math.max(0, has.lastIndexOf(true)));
  const all = [await carriedSql(engine, since[0]), ...since.map((run) => offeredSql(engine, run))].join(' UNION ');
  const path = join(folder, offeredBeforeFile);
  const unfinished = `${path}.unfinished`;
  const present = `SELECT salt, customer FROM (${all}) WHERE customer IN (SELECT id FROM customers)`;
  const sorted = `${present} ORDER BY salt, customer`;
  await engine.copyToParquet(sorted, unfinished, { writing: path });
  await nameFinished(unfinished, path);
  return offeredBeforeFile;
}

async function hasFile(path: string): Promise<boolean> {
  return (await ifThere(path, stat(path))) !== undefined;
}
