import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bug, type CampaignResults, createInlinePool } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { toAppError } from '../duckdb/error.ts';
import type { TextBlock } from '../duckdb/text-blocks.ts';
import { syncPath } from '../files/sync-path.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { productTexts } from './lists.ts';
import { recommendationColumns } from './recommendation-columns.ts';
import { RecommendationFile } from './recommendation-file.ts';
import { type PublishedColumn, textIds, withIntegerIds } from './result-columns.ts';
import type { ResultOptions, WrittenResults } from './results.ts';
import { escapedText, writeCsv } from './results-csv.ts';

/**
 * Writes the recommendations of all campaigns, with the columns `recommendationColumns`. Rows are in the given order of
 * campaigns, then by customer and rank. Each campaign is written as soon as its lists arrive. The files appear only when
 * complete, after the last campaign, with mode 0600. Same input, same bytes, for any number of threads: rows are in order by
 * construction, without a sort or a join.
 */
export async function writeResults(
  snapshot: Pick<Snapshot, 'engine' | 'products'>,
  campaigns: Iterable<CampaignResults> | AsyncIterable<CampaignResults>,
  options: ResultOptions,
): Promise<WrittenResults> {
  const engine = snapshot.engine;
  const temporary = join(options.folder, `${options.name ?? 'recommendations'}.unfinished`);
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    const written = await writeCampaignRows(snapshot, campaigns, join(temporary, 'recommendations.parquet'), options);
    if (written.length === 0) throw bug('there is no campaign to write');
    const files = await finishResults(engine, temporary, recommendationColumns, options);
    return { rows: written.reduce((sum, { rows }) => sum + rows, 0), campaigns: written, files };
  } catch (cause) {
    throw toAppError(cause, options.signal ? { signal: options.signal } : {}, options.folder);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // An earlier failure is thrown instead.
  }
}

async function writeCampaignRows(
  { engine, products }: Pick<Snapshot, 'engine' | 'products'>,
  campaigns: Iterable<CampaignResults> | AsyncIterable<CampaignResults>,
  path: string,
  options: ResultOptions,
): Promise<WrittenResults['campaigns'][number][]> {
  const pool = options.pool ?? createInlinePool();
  const columns = options.integerIds ? withIntegerIds(recommendationColumns) : recommendationColumns;
  const file = await RecommendationFile.create(path, pool, productTexts(await products()), { name: 'recommendations', columns });
  try {
    const idsOf = rememberIds(engine, options.signal);
    const written: WrittenResults['campaigns'][number][] = [];
    for await (const results of campaigns) {
      const appended = await file.append(results, idsOf(results.ids ?? 'customers'));
      written.push({ campaign: results.campaign, ...appended });
      options.progress?.(results.campaign);
    }
    await file.finish();
    return written;
  } finally {
    await file.close();
  }
}

/**
 * Largest number of bytes of ids that are cached from one campaign to the next. This suffices for about 100 million customers. All
 * other ids are read again for each campaign.
 */
const mostRemembered = 2 ** 31;

/** Yields the ids of a relation in its order. From the second time on, they come from a cache. */
function rememberIds(engine: DuckdbEngine, signal: AbortSignal | undefined): (from: string) => AsyncGenerator<TextBlock> {
  let remembered: TextBlock[] | undefined;
  return async function* idsOf(from) {
    if (from === 'customers' && remembered) {
      yield* remembered;
      return;
    }
    let kept: TextBlock[] | undefined = from === 'customers' ? [] : undefined;
    let bytes = 0;
    for await (const block of engine.texts(`SELECT CAST(id AS VARCHAR) FROM ${from}`, signal ? { signal } : {})) {
      bytes += block.bytes.length;
      if (bytes > mostRemembered) kept = undefined;
      kept?.push(block);
      yield block;
    }
    if (from === 'customers') remembered = kept;
  };
}

/**
 * Writes the CSV file from the finished Parquet file, and moves both into the folder.
 * @param listing further columns of the CSV file, and the order of its rows, as SQL
 */
export async function finishResults(
  engine: Pick<DuckdbEngine, 'dialect' | 'run'>,
  temporary: string,
  shape: readonly Pick<PublishedColumn, 'name' | 'parquet' | 'bankText'>[],
  options: ResultOptions,
  listing = { columns: '', order: '' },
): Promise<string[]> {
  const { text } = engine.dialect;
  const parquet = join(temporary, 'recommendations.parquet');
  if (options.formats.includes('csv')) {
    const csv = join(temporary, 'recommendations.csv');
    const bankTexts = shape.filter(({ bankText }) => bankText).map(({ name }) => `${escapedText(name)} AS ${name}`);
    const columns = options.escapeFormulas === false ? '*' : `* REPLACE (${bankTexts.join(', ')})`;
    const { bom = false, delimiter = ',', quote_text: isQuoted = false } = options.csv ?? {};
    const rows = `read_parquet(${text(parquet)})`;
    const texts = shape.filter(({ parquet: type }) => type === 'VARCHAR').map(({ name }) => name);
    await writeCsv(
      engine,
      `SELECT ${columns}${listing.columns} FROM ${options.integerIds ? textIds(rows) : rows}${listing.order}`,
      csv,
      { bom, delimiter, quoted: isQuoted ? texts : [] },
      { ...(options.signal && { signal: options.signal }), writing: csv },
    );
  }
  const files: string[] = [];
  for (const format of options.formats) {
    const source = join(temporary, `recommendations.${format}`);
    const name = `${options.name ?? 'recommendations'}.${format}`;
    await chmod(source, 0o600);
    await syncPath(source);
    await rename(source, join(options.folder, name));
    files.push(join(options.folder, name));
  }
  await syncPath(options.folder);
  return files;
}
