import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type Engine, publishedRelation, queryRows } from '@basketwise/data';
import { countText, type PublishedCount, publishedCount, publishedRecord } from '@basketwise/data/base';
import { shortened, textTable, wrapped } from '@basketwise/page';
import { openRunSnapshot, readSealed, type Settings, settingsPath, successfulRun, writtenStyle } from '@basketwise/pipeline';
import { z } from 'zod';

/** Largest number of characters of a name in the list of changes. */
const longestText = 20;
/** Largest number of products in the list of a campaign's changes. */
const shownChanges = 10;

const made = z.object({
  referenceDate: z.string(),
  inputs: z.object({ code: z.string(), config: z.string(), files: z.string().nullable() }),
  config: z.object({ output: writtenStyle }),
});

/** Numbers of customers whose lists changed between two runs. */
interface ListChange {
  before: PublishedCount;
  after: PublishedCount;
  /** Number of customers with a list in both runs, and with another first product. */
  otherFirst: PublishedCount;
  /** Number of customers with a list in both runs that differs in a product or a rank. Includes `otherFirst`. */
  otherList: PublishedCount;
  /** Number of customers with a list only in the later run. */
  came: PublishedCount;
  /** Number of customers with a list only in the earlier run. */
  went: PublishedCount;
}

/** Changes of a campaign between two runs. Numbers of customers are rounded down to tens; null for 1 to 9. */
interface ComparedCampaign extends ListChange {
  campaign: string;
  /** Class of the campaign's products. Null if the current config does not have the campaign. */
  class: string | null;
  /** Changes by the customers' cluster in the later run; -1 for no cluster. */
  clusters: (ListChange & { cluster: number })[];
  /**
   * Products whose number of lists changed most, with the number of lists in both runs. `came`: the earlier run did not list the
   * product. `went`: the later run did not list the product.
   */
  products: { code: string; name: string; before: PublishedCount; after: PublishedCount; change: 'came' | 'went' | 'stayed' }[];
}

/** Changes between two runs. */
export interface RunComparison {
  before: string;
  after: string;
  /** Sentences that say which of reference date, data, config and program differ. */
  differs: string[];
  campaigns: ComparedCampaign[];
}

/**
 * Compares the lists of two successful runs.
 * @throws AppError missing-input if a run does not exist, bad-data if its manifest is damaged
 */
export async function compareRuns(settings: Settings, before: string, after: string | undefined): Promise<RunComparison> {
  const output = settingsPath(settings, settings.config.output.dir);
  const names = [await successfulRun(output, before), await successfulRun(output, after)] as const;
  const [a, b] = [await readMadeOf(output, names[0]), await readMadeOf(output, names[1])];
  const { snapshot, close } = await openRunSnapshot(settings, 1, names[1]);
  try {
    const { engine } = snapshot;
    const listsOf = (run: string, { config }: typeof a) =>
      publishedRelation(engine.dialect, join(output, 'runs', run), config.output);
    const lists = { before: listsOf(names[0], a), after: listsOf(names[1], b) };
    return {
      before: names[0],
      after: names[1],
      differs: differing(a, b),
      campaigns: await compareLists(engine, lists, settings),
    };
  } finally {
    await close();
  }
}

async function readMadeOf(output: string, run: string): Promise<z.output<typeof made>> {
  const found = made.safeParse(await readSealed(join(output, 'runs', run, 'manifest.json')));
  if (found.success) return found.data;
  throw new AppError('bad-data', `manifest.json of ${run} is damaged or of another version`, 'Run the job again.');
}

function differing(a: z.output<typeof made>, b: z.output<typeof made>): string[] {
  const facts = (run: typeof a) => ({
    ...{ 'reference date': run.referenceDate, data: run.inputs.files, config: run.inputs.config, program: run.inputs.code },
  });
  const [before, after] = [facts(a), facts(b)];
  return (Object.keys(before) as (keyof typeof before)[]).filter((fact) => before[fact] !== after[fact]);
}

async function compareLists(
  engine: Engine,
  { before, after }: { before: string; after: string },
  { config }: Settings,
): Promise<ComparedCampaign[]> {
  const side = (from: string) =>
    `SELECT campaign, customer, any_value(cluster) AS cluster, arg_min(product_code, rank) AS first, list(product_code ORDER BY rank) AS products FROM ${from} GROUP BY ALL`;
  const both = `(SELECT coalesce(b.campaign, a.campaign) AS campaign, coalesce(b.cluster, a.cluster, -1) AS cluster,
    a.customer IS NOT NULL AS had, b.customer IS NOT NULL AS has, a.first AS first_a, b.first AS first_b, a.products AS a, b.products AS b
    FROM (${side(before)}) a FULL JOIN (${side(after)}) b ON a.campaign = b.campaign AND a.customer = b.customer)`;
  const counts = `CAST(count(*) FILTER (WHERE had) AS DOUBLE) AS before, CAST(count(*) FILTER (WHERE has) AS DOUBLE) AS after,
    CAST(count(*) FILTER (WHERE had AND has AND first_a <> first_b) AS DOUBLE) AS other_first,
    CAST(count(*) FILTER (WHERE had AND has AND a <> b) AS DOUBLE) AS other_list,
    CAST(count(*) FILTER (WHERE has AND NOT had) AS DOUBLE) AS came, CAST(count(*) FILTER (WHERE had AND NOT has) AS DOUBLE) AS went`;
  const whole = await queryRows(engine, `SELECT campaign, ${counts} FROM ${both} GROUP BY campaign ORDER BY campaign`);
  const clusters = await queryRows(
    engine,
    `SELECT campaign, cluster, ${counts} FROM ${both} GROUP BY ALL ORDER BY campaign, cluster`,
  );
  const named = (from: string) =>
    `SELECT campaign, product_code, any_value(product_name) AS name, count(*) AS lists FROM ${from} GROUP BY ALL`;
  const products = await queryRows(
    engine,
    `SELECT coalesce(b.campaign, a.campaign) AS campaign, coalesce(b.product_code, a.product_code) AS code, coalesce(b.name, a.name) AS name,
      CAST(coalesce(a.lists, 0) AS DOUBLE) AS before, CAST(coalesce(b.lists, 0) AS DOUBLE) AS after
      FROM (${named(before)}) a FULL JOIN (${named(after)}) b ON a.campaign = b.campaign AND a.product_code = b.product_code
      WHERE a.lists IS DISTINCT FROM b.lists
      ORDER BY campaign, abs(coalesce(b.lists, 0) - coalesce(a.lists, 0)) DESC, code`,
  );
  return whole.map((row) => {
    const campaign = String(row.campaign);
    const byCluster = clusters.filter((one) => one.campaign === campaign);
    return {
      ...{ campaign, class: config.campaigns[campaign]?.class ?? null, ...publishedChange(row) },
      clusters: byCluster.length > 1 ? byCluster.map((one) => ({ cluster: Number(one.cluster), ...publishedChange(one) })) : [],
      products: changedProducts(products.filter((one) => one.campaign === campaign)),
    };
  });
}

type ChangeRow = Readonly<Record<string, unknown>>;

/**
 * Products whose published number of lists changed most. Exact numbers are not used for sorting, because the order would reveal
 * which of two hidden numbers is larger.
 */
function changedProducts(rows: readonly ChangeRow[]): ComparedCampaign['products'] {
  const change = ({ before, after }: ComparedCampaign['products'][number]) => Math.abs((after ?? 0) - (before ?? 0));
  return rows
    .map((one): ComparedCampaign['products'][number] => ({
      ...{ code: String(one.code), name: String(one.name) },
      ...{ before: publishedCount(Number(one.before)), after: publishedCount(Number(one.after)) },
      change: one.before === 0 ? 'came' : one.after === 0 ? 'went' : 'stayed',
    }))
    .sort((a, b) => change(b) - change(a) || (a.code < b.code ? -1 : 1))
    .slice(0, shownChanges);
}

/** Publishes the numbers of customers whose lists changed. */
function publishedChange({ before, after, came, went, ...row }: ChangeRow): ListChange {
  const counts = { before, after, otherFirst: row.other_first, otherList: row.other_list, came, went };
  return publishedRecord(counts as Record<keyof ListChange, number>);
}

/** Changes between two runs as text for the terminal, 100 columns wide. */
export function comparisonText({ before, after, differs, campaigns }: RunComparison): string {
  const same = differs.length === 0 ? 'same data, config and program' : `changed: ${differs.join(', ')}`;
  const head = ['lists', 'before', 'after', 'came', 'went', 'other first', 'other list'];
  const cells = (one: ListChange) => [one.before, one.after, one.came, one.went, one.otherFirst, one.otherList].map(countText);
  const rows = campaigns.flatMap((one) => [
    [one.class === null ? one.campaign : `${one.campaign} (${one.class})`, ...cells(one)],
    ...one.clusters.map((cluster) => [cluster.cluster < 0 ? '  no cluster' : `  cluster ${cluster.cluster}`, ...cells(cluster)]),
  ]);
  const products = campaigns.flatMap(({ campaign, products: own }) =>
    own.map((one) => [
      `${one.code} ${shortened(one.name, longestText)}`,
      countText(one.before),
      countText(one.after),
      one.change,
      shortened(campaign, longestText),
    ]),
  );
  return [
    wrapped(`${after} against ${before}: ${same}.`),
    '\n',
    textTable([head, ...rows]),
    products.length === 0 ? '' : `\n${textTable([['product', 'lists before', 'after', '', 'campaign'], ...products])}`,
  ].join('');
}
