import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CampaignResults, createInlinePool, type UnitRecommendations } from '@basketwise/core';
import { toAppError } from '../duckdb/error.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { productTexts } from './lists.ts';
import { contactColumns, offerColumns } from './offer-columns.ts';
import { RecommendationFile } from './recommendation-file.ts';
import { type PublishedColumn, withIntegerIds } from './result-columns.ts';
import type { OfferResults, ResultOptions } from './results.ts';
import { finishResults } from './write-results.ts';

/** Form of contact-list.csv, the file that people open: highest expected value first. */
const valuableFirst = {
  columns: ', value * probability AS expected_value',
  order: ' ORDER BY expected_value DESC, customer, "order"',
};

/**
 * Writes the offers of all customers, sorted by customer and order. The file `offers` includes the control, whose customers are
 * not contacted; the file `contact-list` does not. contact-list.csv is always written, sorted by expected value.
 * The files appear only when complete, with mode 0600. Same input, same bytes, for any number of threads.
 * @param campaigns names of the campaigns, in the order of the numbers in `OfferResults.campaign`
 * @returns paths of the files, and the number of rows of `offers`
 */
export async function writeOffers(
  snapshot: Pick<Snapshot, 'engine' | 'products'>,
  results: OfferResults,
  campaigns: readonly string[],
  options: Omit<ResultOptions, 'name' | 'progress'>,
): Promise<{ files: string[]; rows: number }> {
  const { engine } = snapshot;
  const temporary = join(options.folder, 'offers.unfinished');
  const units: UnitRecommendations = {
    ...{ start: results.start, product: results.product, score: results.value, probability: results.probability },
    ...{ source: results.campaign, sources: campaigns, reason: results.reason, reasons: results.reasons },
    ...{ arm: results.arm, arms: results.arms },
  };
  const contacted = unitsOfContacted(results);
  const products = productTexts(await snapshot.products());
  const pool = options.pool ?? createInlinePool();
  const parts: { name: string; columns: readonly PublishedColumn[]; file: RecommendationFile; results: CampaignResults }[] = [];
  try {
    for (const [name, unit, columns] of [
      ['contact-list', contacted, contactColumns],
      ['offers', results.unit, offerColumns],
    ] as const) {
      await mkdir(join(temporary, name), { recursive: true, mode: 0o700 });
      const path = join(temporary, name, 'recommendations.parquet');
      const shape = { name, columns: options.integerIds ? withIntegerIds(columns) : columns };
      const file = await RecommendationFile.create(path, pool, products, shape);
      parts.push({ name, columns, file, results: { campaign: name, unit, units } });
    }
    const ids = engine.texts('SELECT CAST(id AS VARCHAR) FROM customers', options.signal ? { signal: options.signal } : {});
    const [, offers] = await RecommendationFile.appendTogether(pool, parts, ids);
    const files: string[] = [];
    for (const { name, columns, file } of parts) {
      await file.finish();
      const isList = name === 'contact-list';
      const formats = isList ? [...new Set([...options.formats, 'csv' as const])] : options.formats;
      const style = { ...options, name, formats };
      files.push(...(await finishResults(engine, join(temporary, name), columns, style, isList ? valuableFirst : undefined)));
    }
    return { files, rows: offers!.rows };
  } catch (cause) {
    throw toAppError(cause, options.signal ? { signal: options.signal } : {}, options.folder);
  } finally {
    for (const { file } of parts) await file.close();
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // An earlier failure is thrown instead.
  }
}

/** Unit of each customer who is contacted; -1 for all others, including the control. */
function unitsOfContacted({ unit, start, arm }: OfferResults): Int32Array {
  const contacted = unit.slice();
  for (let customer = 0; customer < contacted.length; customer++) {
    const of = contacted[customer]!;
    if (of >= 0 && arm[start[of]!]! % 2 === 1) contacted[customer] = -1;
  }
  return contacted;
}
