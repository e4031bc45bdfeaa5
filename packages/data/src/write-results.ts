import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { DuckdbEngine } from './duckdb.ts';
import { toAppError } from './duckdb-error.ts';
import { concatenateParquet } from './parquet-concat.ts';
import type { CampaignResults, ResultOptions, WrittenResults } from './results.ts';
import type { Snapshot } from './snapshot.ts';
import { appendColumns } from './table-appender.ts';
import { gatherLists, resultTexts, type TextIndex } from './unit-lists.ts';

/** Customers of one part: what is in memory at a time. */
const customersPerPart = 1 << 18;

/**
 * Writes the recommendations of all campaigns, in the order given: `customer, campaign, rank, product_code, product_name, score, probability,
 * source, cluster, reason`, by campaign, customer and rank. Each campaign is written as it comes, a block of customers at a time; the files
 * appear whole, with mode 0600, when all are done. Same input, same bytes, whatever the threads: rows are in order by construction, without
 * a sort and without a join (DuckDB's joins keep no order), and repeated texts are ENUMs, which are written as they are numbered.
 */
export async function writeResults(
  snapshot: Pick<Snapshot, 'engine' | 'products'>,
  campaigns: Iterable<CampaignResults> | AsyncIterable<CampaignResults>,
  options: ResultOptions,
): Promise<WrittenResults> {
  const engine = snapshot.engine;
  const temporary = join(options.folder, 'recommendations.unfinished');
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    const products = await snapshot.products();
    const parts: string[] = [];
    let copying = Promise.resolve();
    const written: { campaign: string; customers: number; rows: number }[] = [];
    for await (const results of campaigns) {
      written.push(count(results));
      for (let from = 0; from < results.unit.length; from += customersPerPart) {
        const part = join(temporary, `${parts.length}.parquet`);
        const prepared = await preparePart(engine, products, results, from);
        await copying; // The engine writes a part while the next one is gathered.
        copying = copyPart(engine, prepared, results, part, options);
        copying.catch(() => undefined); // Awaited later, at the latest before the parts are joined.
        parts.push(part);
      }
      options.progress?.(results.campaign);
    }
    if (parts.length === 0) throw new AppError('bug', 'there is no campaign to write', 'Please report this.');
    await copying;
    const files = await finish(engine, parts, temporary, options);
    return { rows: written.reduce((sum, { rows }) => sum + rows, 0), campaigns: written, files };
  } catch (cause) {
    throw toAppError(cause, options.signal ? { signal: options.signal } : {}, options.folder);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // An earlier failure is the one to report.
  }
}

function count({ campaign, unit, units: { start } }: CampaignResults): WrittenResults['campaigns'][number] {
  let [customers, rows] = [0, 0];
  for (const u of unit) {
    if (u < 0) continue;
    const length = start[u + 1]! - start[u]!;
    if (length > 0) customers++;
    rows += length;
  }
  return { campaign, customers, rows };
}

/** Puts the recommendations of customers `from` and up into a table: a row per customer, in order, with lists in rank order. */
async function preparePart(
  engine: DuckdbEngine,
  products: readonly { code: string; name: string }[],
  results: CampaignResults,
  from: number,
): Promise<string> {
  const { text } = engine.dialect;
  const to = Math.min(results.unit.length, from + customersPerPart);
  const [ids, lists, prepared] = [engine.temporaryTable(), engine.temporaryTable(), engine.temporaryTable()];
  const texts = resultTexts(products, results);
  const type = (index: TextIndex) => `ENUM(${index.texts.map(text).join(', ')})`;
  await engine.run(`CREATE TABLE ${ids} AS SELECT id FROM customers WHERE customer >= ${from} AND customer < ${to}`);
  await engine.run(
    `CREATE TABLE ${lists} (cluster INTEGER, rank USMALLINT[], code ${type(texts.codes)}[], name ${type(texts.names)}[], score FLOAT[],` +
      ` probability FLOAT[], source ${type(texts.sources)}[], reason ${type(texts.reasons)}[])`,
  );
  await appendColumns(engine, lists, to - from, gatherLists(results, texts, from, to));
  await engine.run(`CREATE TABLE ${prepared} AS SELECT * FROM ${ids} POSITIONAL JOIN ${lists}`);
  await engine.run(`DROP TABLE ${ids}`);
  await engine.run(`DROP TABLE ${lists}`);
  return prepared;
}

async function copyPart(
  engine: DuckdbEngine,
  prepared: string,
  { campaign, units }: CampaignResults,
  file: string,
  options: ResultOptions,
): Promise<void> {
  const { text } = engine.dialect;
  const lists = ['rank', 'code', 'name', 'score', 'source'];
  if (units.probability) lists.push('probability');
  if (units.reason) lists.push('reason');
  const rows = `SELECT id, cluster, ${lists.map((name) => `unnest(${name}) AS ${name}`).join(', ')} FROM ${prepared}`;
  const probability = units.probability ? 'CASE WHEN NOT isnan(probability) THEN probability END' : 'CAST(NULL AS FLOAT)';
  const reason = units.reason ? "CASE WHEN reason <> '' THEN reason END" : "CAST(NULL AS ENUM(''))";
  await engine.run(
    `COPY (SELECT id AS customer, CAST(${text(campaign)} AS ENUM(${text(campaign)})) AS campaign, CAST(rank AS INTEGER) AS rank,` +
      ` code AS product_code, name AS product_name, score, ${probability} AS probability, source,` +
      ` CASE WHEN cluster >= 0 THEN cluster END AS cluster, ${reason} AS reason FROM (${rows}))` +
      ` TO ${text(file)} (FORMAT parquet, ROW_GROUP_SIZE 122880, PRESERVE_ORDER true)`,
    { ...(options.signal && { signal: options.signal }), writing: file },
  );
  await engine.run(`DROP TABLE ${prepared}`);
}

/** Makes the parts one file, the CSV from it, and both visible. */
async function finish(
  engine: DuckdbEngine,
  parts: readonly string[],
  temporary: string,
  options: ResultOptions,
): Promise<string[]> {
  const { text } = engine.dialect;
  const parquet = join(temporary, 'recommendations.parquet');
  await concatenateParquet(parts, parquet);
  if (options.formats.includes('csv')) {
    const csv = join(temporary, 'recommendations.csv');
    await engine.run(`COPY (FROM read_parquet(${text(parquet)})) TO ${text(csv)} (FORMAT csv, HEADER, PRESERVE_ORDER true)`, {
      ...(options.signal && { signal: options.signal }),
      writing: csv,
    });
  }
  const files: string[] = [];
  for (const format of options.formats) {
    const name = `recommendations.${format}`;
    await chmod(join(temporary, name), 0o600);
    await sync(join(temporary, name));
    await rename(join(temporary, name), join(options.folder, name));
    files.push(join(options.folder, name));
  }
  await sync(options.folder);
  return files;
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}
