import { driftVerdict, shiftBetween } from '@basketwise/clusters';
import { type PlainDate, required } from '@basketwise/core/parts';
import { openOn, publishedRelation, queryRows, type Snapshot } from '@basketwise/data';
import { publishedCount, publishedShare, publishedValue } from '@basketwise/data/published';
import type { FinishedRun } from '@basketwise/insight/parts';
import { customerContexts, readFeatureFile } from '@basketwise/pipeline/parts';
import { type CodedFeature, isColumn, minimumCustomers } from '@basketwise/recommend';
import type { CampaignTally } from './campaign-tally.ts';
import { featureDimensions } from './customer-groups.ts';
import { jaccard, listPairs, rankBiasedOverlap } from './list-agreement.ts';
import { realisedQuality } from './realised-quality.ts';
import type { ValidationFile } from './validation-file.ts';

type Comparison = ValidationFile['drift'][number];
type Variable = Comparison['variables'][number];

/** Number of products with a bin of their own: the most frequent first recommendations of the reference run. All others share a bin. */
const mostBins = 20;
const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9];

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
 */
export async function compareWithRun(
  { reference, now }: RunPair,
  campaigns: readonly string[],
  tallies: ReadonlyMap<string, CampaignTally>,
): Promise<Comparison> {
  const variables = [...(await featureShifts({ reference, now })), await heldShift({ reference, now })];
  const lists: Comparison['lists'] = [];
  const realised: Comparison['realised'] = [];
  for (const campaign of campaigns) {
    variables.push(await probabilityShift({ reference, now }, campaign), await firstShift({ reference, now }, campaign));
    const agreement = await listAgreement({ reference, now }, campaign);
    if (agreement !== null) lists.push(agreement);
    const quality = await realisedQuality({ reference, now }, campaign, tallies.get(campaign));
    if (quality !== null) realised.push(quality);
  }
  return {
    ...{ against: reference.name, referenceDate: reference.referenceDate, lists, realised },
    variables: variables.filter((variable) => variable !== null),
  };
}

/** Shift of a property of customers between two runs. Null if a run has no values. @param before, after customers by bin */
function customerShift(variable: string, before: readonly number[], after: readonly number[]): Variable | null {
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
function listShift(variable: string, campaign: string, before: readonly number[], after: readonly number[]): Variable | null {
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
async function levelCounts({ snapshot, referenceDate }: FinishedRun, features: readonly CodedFeature[]) {
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

async function heldCounts({
  snapshot: { engine },
  referenceDate,
}: {
  snapshot: Snapshot;
  referenceDate: string;
}): Promise<number[]> {
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

/** SQL of the first recommendations of a campaign in a run, for the later run's database engine. */
function firstRecommendations({ now }: RunPair, { folder, config }: FinishedRun, campaign: string): string {
  const { dialect } = now.snapshot.engine;
  return `(SELECT * FROM ${publishedRelation(dialect, folder, config.output)} WHERE campaign = ${dialect.text(campaign)} AND rank = 1)`;
}

/** Shift of the probabilities of first recommendations. The bins are the tenths of the reference run. */
async function probabilityShift(pair: RunPair, campaign: string): Promise<Variable | null> {
  const { engine } = pair.now.snapshot;
  const [before, after] = [firstRecommendations(pair, pair.reference, campaign), firstRecommendations(pair, pair.now, campaign)];
  const items = tenths.map((tenth) => `CAST(quantile_disc(probability, ${tenth / 10}) AS DOUBLE) AS q${tenth}`);
  const [cuts] = await queryRows(engine, `SELECT ${items.join(', ')} FROM ${before}`);
  if (cuts?.q1 === null || cuts?.q1 === undefined) return null;
  const bin = tenths.map((tenth) => `CAST(probability > CAST('${cuts[`q${tenth}`]}' AS DOUBLE) AS INTEGER)`).join(' + ');
  const counts = async (from: string) => {
    const bins = new Array<number>(10).fill(0);
    const sql = `SELECT CAST(${bin} AS INTEGER) AS bin, count(*) AS n FROM ${from} WHERE probability IS NOT NULL GROUP BY 1`;
    for (const row of await queryRows(engine, sql)) bins[Number(row.bin)] = Number(row.n);
    return bins;
  };
  return listShift('probability of first recommendations', campaign, await counts(before), await counts(after));
}

/** Shift of the products recommended first. Bins: the most frequent products of the reference run, and all other products. */
async function firstShift(pair: RunPair, campaign: string): Promise<Variable | null> {
  const counts = async (run: FinishedRun) => {
    const sql = `SELECT CAST(product_code AS VARCHAR) AS code, count(*) AS n FROM ${firstRecommendations(pair, run, campaign)} GROUP BY 1 ORDER BY 2 DESC, 1`;
    const rows = await queryRows(pair.now.snapshot.engine, sql);
    return new Map(rows.map(({ code, n }) => [String(code), Number(n)]));
  };
  const [before, after] = [await counts(pair.reference), await counts(pair.now)];
  const named = [...before.keys()].slice(0, mostBins - 1);
  const binned = (of: ReadonlyMap<string, number>) => {
    const own = named.map((code) => of.get(code) ?? 0);
    const all = [...of.values()].reduce((sum, n) => sum + n, 0);
    return [...own, all - own.reduce((sum, n) => sum + n, 0)];
  };
  return listShift('first recommendations', campaign, binned(before), binned(after));
}

/** Mean agreement of the two lists of customers who have a list in both runs; null for fewer than 20 of these customers. */
async function listAgreement({ reference, now }: RunPair, campaign: string): Promise<Comparison['lists'][number] | null> {
  const { engine } = now.snapshot;
  const { dialect } = engine;
  const [before, after] = [reference, now].map(
    ({ folder, config }) =>
      `(SELECT * FROM ${publishedRelation(dialect, folder, config.output)} WHERE campaign = ${dialect.text(campaign)})`,
  );
  let [customers, same, common, overlap] = [0, 0, 0, 0];
  for (const pairs of await listPairs(engine, before!, after!)) {
    customers += pairs.customers;
    same += pairs.isSameFirst ? pairs.customers : 0;
    common += pairs.customers * jaccard(pairs);
    overlap += pairs.customers * rankBiasedOverlap(pairs);
  }
  if (customers < minimumCustomers) return null;
  const mean = (sum: number) => publishedValue(sum / customers);
  const sameFirst = publishedShare(publishedCount(same), publishedCount(customers));
  return { campaign, customers: publishedCount(customers), sameFirst, jaccard: mean(common), overlap: mean(overlap) };
}
