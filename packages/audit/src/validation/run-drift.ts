import { driftVerdict, shiftBetween } from '@basketwise/clusters';
import { type PlainDate, required } from '@basketwise/core';
import { type Engine, openOn, publishedRelation, queryRows, type Snapshot } from '@basketwise/data';
import { publishedCount, publishedValue } from '@basketwise/data/base';
import type { FinishedRun } from '@basketwise/insight';
import { customerContexts, readFeatureFile } from '@basketwise/pipeline';
import { type CodedFeature, isColumn, minimumCustomers } from '@basketwise/recommend';
import { featureDimensions } from './customer-groups.ts';
import { jaccard, type ListPairs, listPairs, rankBiasedOverlap } from './list-agreement.ts';
import type { Moments } from './moments.ts';
import { realisedQuality } from './realised-quality.ts';
import { shareOfMiddles } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

type Comparison = ValidationFile['drift'][number];
type Variable = Comparison['variables'][number];

/** Number of products with a bin of their own: the most frequent first recommendations of the reference run. All others share a bin. */
const mostBins = 20;
export const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Two runs to compare: `reference` is the earlier run, `now` the later one. */
interface RunPair {
  reference: FinishedRun;
  now: FinishedRun;
}

/**
 * Compares a run with an earlier run:
 * - shift of features, holdings, probabilities and first recommendations
 * - agreement of the lists
 * - quality of the earlier lists, measured by the purchases since
 * Scores are not compared, because the scale of scores differs between the models of two runs.
 * @param tested NDCG of the test customers of the newest window, by campaign
 */
export async function compareWithRun(
  { reference, now }: RunPair,
  campaigns: readonly string[],
  tested: ReadonlyMap<string, Moments>,
): Promise<Comparison> {
  const variables = [...(await featureShifts({ reference, now })), await heldShift({ reference, now })];
  const lists: Comparison['lists'] = [];
  const realised: Comparison['realised'] = [];
  for (const campaign of campaigns) {
    variables.push(await probabilityShift({ reference, now }, campaign), await firstShift({ reference, now }, campaign));
    const agreement = await listAgreement({ reference, now }, campaign);
    if (agreement !== null) lists.push(agreement);
    const quality = await realisedQuality({ reference, now }, campaign, tested.get(campaign));
    if (quality !== null) realised.push(quality);
  }
  return {
    ...{ against: reference.name, referenceDate: reference.referenceDate, lists, realised },
    variables: variables.filter((variable) => variable !== null),
  };
}

/** Snapshot of a bank, and its date. */
interface DatedSnapshot {
  snapshot: Snapshot;
  referenceDate: string;
}

/** Shift of a property of customers between two runs. Null if a run has no values. @param before, after customers by bin */
export function customerShift(variable: string, before: readonly number[], after: readonly number[]): Variable | null {
  const found = shiftBetween(before, after);
  if (found === null) return null;
  const { psi, noise, bins } = found;
  const verdict = driftVerdict(psi, noise);
  return { variable, campaign: null, bins, psi: publishedValue(psi), noise: publishedValue(noise), verdict };
}

/**
 * Shift of a property of lists between two runs. Null if a run has no values.
 * Its sampling noise is unknown: each run fits its models anew, from few purchases, and the lists of all customers of a group move together.
 */
export function listShift(
  variable: string,
  campaign: string,
  before: readonly number[],
  after: readonly number[],
): Variable | null {
  const found = shiftBetween(before, after);
  return found && { variable, campaign, bins: found.bins, psi: publishedValue(found.psi), noise: null, verdict: null };
}

/** Shift of each feature that both runs have, by the feature levels of the reference run: bands of numbers, or categories. */
async function featureShifts({ reference, now }: RunPair): Promise<(Variable | null)[]> {
  const [known, own] = [reference, now].map(
    ({ snapshot }) => new Set(snapshot.manifest.features?.columns.map(({ name }) => name)),
  );
  if (known!.size === 0 || own!.size === 0) return [];
  const { features } = await readFeatureFile(reference.folder);
  const shared = features.filter((one) => isColumn(one) && known!.has(one.name) && own!.has(one.name));
  const [before, after] = [await levelCounts(reference, shared), await levelCounts(now, shared)];
  return [...before].map(([by, counts]) => customerShift(by, counts, required(after, by)));
}

/** Number of customers by feature level. Customers without a level are counted last. */
export async function levelCounts({ snapshot, referenceDate }: DatedSnapshot, features: readonly CodedFeature[]) {
  const contexts = await customerContexts(snapshot, features).at(referenceDate as PlainDate);
  const dimensions = contexts === null ? [] : featureDimensions(contexts, snapshot.customerCount);
  return new Map(
    dimensions.map(({ by, labels, codes }) => {
      const counts = new Array<number>(labels.length + 1).fill(0);
      for (const code of codes) counts[code < 0 ? labels.length : code]!++;
      return [by, counts];
    }),
  );
}

/** Number of customers by number of products held, from 0 to 10 and more. */
export async function heldCounts({ snapshot: { engine }, referenceDate }: DatedSnapshot): Promise<number[]> {
  const open = `SELECT h.customer, count(DISTINCT p.group_key) AS n FROM holdings h JOIN products p USING (product)
    WHERE ${openOn(engine.dialect.date(referenceDate))} GROUP BY 1`;
  const sql = `SELECT CAST(least(coalesce(n, 0), 10) AS INTEGER) AS held, count(*) AS customers
    FROM customers LEFT JOIN (${open}) o USING (customer) GROUP BY 1`;
  const counts = new Array<number>(11).fill(0);
  for (const { held, customers } of await queryRows(engine, sql)) counts[Number(held)] = Number(customers);
  return counts;
}

async function heldShift({ reference, now }: RunPair): Promise<Variable | null> {
  return customerShift('products held', await heldCounts(reference), await heldCounts(now));
}

/** Lists of a campaign in a run, for a database engine: SQL of all entries and of the first ones, and the number of lists by first product. */
export function publishedLists(engine: Engine, { folder, config }: Pick<FinishedRun, 'folder' | 'config'>, campaign: string) {
  const { dialect } = engine;
  const of = `SELECT * FROM ${publishedRelation(dialect, folder, config.output)} WHERE campaign = ${dialect.text(campaign)}`;
  const first = `(${of} AND rank = 1)`;
  const firstCounts = async () => {
    const sql = `SELECT CAST(product_code AS VARCHAR) AS code, count(*) AS n FROM ${first} GROUP BY 1 ORDER BY 2 DESC, 1`;
    return new Map((await queryRows(engine, sql)).map(({ code, n }) => [String(code), Number(n)]));
  };
  return { all: `(${of})`, first, firstCounts };
}

/** Lists of a campaign in both runs, for the later run's database engine. */
function listsOfPair({ reference, now }: RunPair, campaign: string) {
  const { engine } = now.snapshot;
  return { engine, before: publishedLists(engine, reference, campaign), after: publishedLists(engine, now, campaign) };
}

/** Number of first recommendations by tenth of the probability. @param cuts nine upper ends of tenths */
export async function probabilityCounts(engine: Engine, first: string, cuts: readonly number[]): Promise<number[]> {
  const bin = cuts.map((cut) => `CAST(probability > CAST('${cut}' AS DOUBLE) AS INTEGER)`).join(' + ');
  const bins = new Array<number>(10).fill(0);
  const sql = `SELECT CAST(${bin} AS INTEGER) AS bin, count(*) AS n FROM ${first} WHERE probability IS NOT NULL GROUP BY 1`;
  for (const row of await queryRows(engine, sql)) bins[Number(row.bin)] = Number(row.n);
  return bins;
}

/** Shift of the probabilities of first recommendations. The bins are the tenths of the reference run. */
async function probabilityShift(pair: RunPair, campaign: string): Promise<Variable | null> {
  const { engine, before, after } = listsOfPair(pair, campaign);
  const items = tenths.map((tenth) => `CAST(quantile_disc(probability, ${tenth / 10}) AS DOUBLE) AS q${tenth}`);
  const [cuts] = await queryRows(engine, `SELECT ${items.join(', ')} FROM ${before.first}`);
  if (cuts?.q1 === null || cuts?.q1 === undefined) return null;
  const ends = tenths.map((tenth) => Number(cuts[`q${tenth}`]));
  const [own, other] = [await probabilityCounts(engine, before.first, ends), await probabilityCounts(engine, after.first, ends)];
  return listShift('probability of first recommendations', campaign, own, other);
}

/** Shift of the products recommended first. */
async function firstShift(pair: RunPair, campaign: string): Promise<Variable | null> {
  const { before, after } = listsOfPair(pair, campaign);
  const [own, other] = binnedCounts(await before.firstCounts(), await after.firstCounts());
  return listShift('first recommendations', campaign, own!, other!);
}

/** Counts by product of two dates or runs. Bins: the most frequent products of the first, and all other products. */
export function binnedCounts(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number[][] {
  const named = [...before.keys()].slice(0, mostBins - 1);
  return [before, after].map((of) => {
    const own = named.map((code) => of.get(code) ?? 0);
    const all = [...of.values()].reduce((sum, n) => sum + n, 0);
    return [...own, all - own.reduce((sum, n) => sum + n, 0)];
  });
}

/** Mean agreement of the two lists of customers who have a list in both runs; null for fewer than 20 of these customers. */
async function listAgreement(pair: RunPair, campaign: string): Promise<Comparison['lists'][number] | null> {
  const { engine, before, after } = listsOfPair(pair, campaign);
  return agreementOf(campaign, await listPairs(engine, before.all, after.all));
}

/** Mean agreement of pairs of lists; null for fewer than 20 customers. */
export function agreementOf(campaign: string, all: readonly ListPairs[]): Comparison['lists'][number] | null {
  let [customers, same, common, overlap] = [0, 0, 0, 0];
  for (const pairs of all) {
    customers += pairs.customers;
    same += pairs.isSameFirst ? pairs.customers : 0;
    common += pairs.customers * jaccard(pairs);
    overlap += pairs.customers * rankBiasedOverlap(pairs);
  }
  if (customers < minimumCustomers) return null;
  const mean = (sum: number) => publishedValue(sum / customers);
  const sameFirst = shareOfMiddles(publishedCount(same), publishedCount(customers));
  return { campaign, customers: publishedCount(customers), sameFirst, jaccard: mean(common), overlap: mean(overlap) };
}
