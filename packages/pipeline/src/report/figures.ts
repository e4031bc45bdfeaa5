import type { GroupHolders } from '@basketwise/core/advice';
import { type DuckdbEngine, type Engine, queryRows } from '@basketwise/data';
import { type PublishedCount, publishedCount, publishedShare, publishedValue } from '../values/published-count.ts';
import { publishedParts } from '../values/published-parts.ts';

/** Figures of a campaign that the report draws, counted from the published rows. */
export interface CampaignFigures {
  campaign: string;
  /** Products most often recommended first, largest first, beside how often they are held. */
  products: readonly {
    code: string;
    name: string;
    /** Customers whose list it leads; null: too few to publish. */
    first: PublishedCount;
    /** Share of the campaign's lists that it leads; null where `first` is. */
    firstShare: number | null;
    /** Share of the holdings of its class on the reference date; null: too few hold it. */
    heldShare: number | null;
  }[];
  /** Customers whose best score lies from .. to (the last bin includes its end). */
  scores: readonly { from: number; to: number; count: PublishedCount }[];
}

type ProductShare = CampaignFigures['products'][number];
type ScoreBin = CampaignFigures['scores'][number];

/** Six decimals: enough for a report, and no long tails of digits in it. */
export function round(value: number): number {
  return Number(value.toFixed(6));
}

/** Products that the report shows of a campaign. */
const shownProducts = 12;
const scoreBins = 20;

/** The published rows, as SQL. */
export interface PublishedRows {
  /** Relation with the columns of recommendations. */
  recommendations: string;
  /** Customers of some of its rows, as an aggregate. */
  customers: string;
  /** Relation with code, class and held: customers who hold a product, or one like it, on the reference date. */
  held: string;
}

/** The relation `held` of published rows: a group's key is the code of its first product, and it is told by that of what is recommended of it. */
export function heldRelation(engine: Engine, holders: readonly GroupHolders[]): string {
  if (holders.length === 0) return '(SELECT code, class, 0 AS held FROM products WHERE FALSE)';
  const values = holders.map(({ group, held }) => `(${engine.dialect.text(group)}, ${held})`).join(', ');
  return (
    `(SELECT coalesce(r.code, p.code) AS code, p.class, held FROM (VALUES ${values}) h(code, held)` +
    ' JOIN products p USING (code) LEFT JOIN products r ON r.product = p.representative)'
  );
}

/**
 * Counts what was published, per campaign in the order given.
 * @param engine a snapshot's engine: it knows products
 */
export async function countFigures(
  engine: DuckdbEngine,
  published: PublishedRows,
  campaigns: readonly string[],
): Promise<CampaignFigures[]> {
  // what both counts need of the lists, read once: a file that is larger than the system's cache comes from the disk each time
  const best = engine.temporaryTable();
  const { recommendations, customers } = published;
  const columns = `campaign, product_code, score, source, ${customers} AS customers`;
  await engine.run(`CREATE TABLE ${best} AS SELECT ${columns} FROM ${recommendations} WHERE rank = 1 GROUP BY ALL`, {
    place: 'report',
  });
  const products = await countProducts(engine, best, published.held);
  const scores = await countScores(engine, best);
  await engine.run(`DROP TABLE ${best}`);
  return campaigns.map((campaign) => ({ campaign, products: products.get(campaign) ?? [], scores: scores.get(campaign) ?? [] }));
}

/** @param best relation with the best product of each list: campaign, product_code, score, source and customers */
async function countProducts(engine: Engine, best: string, held: string): Promise<Map<string, ProductShare[]>> {
  const sql = `
    WITH firsts AS (SELECT campaign, product_code, sum(customers) AS first FROM ${best} GROUP BY ALL),
      helds AS (SELECT code, held, sum(held) OVER (PARTITION BY class) AS of_class FROM ${held})
    SELECT campaign, f.product_code AS code, p.name AS name, CAST(first AS DOUBLE) AS first,
      CAST(coalesce(held, 0) AS DOUBLE) AS held, CAST(coalesce(of_class, 0) AS DOUBLE) AS of_class
    FROM firsts f JOIN products p ON p.code = f.product_code LEFT JOIN helds h ON h.code = f.product_code
    ORDER BY campaign, first DESC, f.product_code`;
  const rows = await queryRows(engine, sql, { place: 'report' });
  const all = byCampaign(rows, ({ code, name, first, held: own, of_class: of }) => ({
    ...{ code: String(code), name: String(name), first: Number(first) },
    heldShare: publishedShare(publishedCount(Number(own)), publishedCount(Number(of))),
  }));
  return new Map(
    [...all].map(([campaign, products]) => {
      const lists = products.reduce((sum, product) => sum + product.first, 0);
      const shown = publishedParts(
        products.map((product) => product.first),
        lists,
      );
      const shares = shown.map((first) => publishedShare(first, publishedCount(lists)));
      const published = products.map((product, i) => ({ ...product, first: shown[i]!, firstShare: shares[i]! }));
      return [campaign, published.slice(0, shownProducts)];
    }),
  );
}

/** @param lists relation as `countProducts` takes it */
async function countScores(engine: Engine, lists: string): Promise<Map<string, ScoreBin[]>> {
  const sql = `
    WITH best AS (SELECT campaign, CAST(score AS DOUBLE) AS score, customers FROM ${lists} WHERE source <> 'popularity'),
      bounds AS (SELECT campaign, min(score) AS low, max(score) AS high FROM best GROUP BY campaign),
      binned AS (SELECT best.*, low, high,
        CASE WHEN high > low THEN least(${scoreBins - 1}, CAST(floor((score - low) / (high - low) * ${scoreBins}) AS INTEGER)) ELSE 0 END AS bin
        FROM best JOIN bounds USING (campaign))
    SELECT campaign, low, high, bin, CAST(sum(customers) AS DOUBLE) AS customers
    FROM binned GROUP BY campaign, low, high, bin ORDER BY campaign, bin`;
  const rows = await queryRows(engine, sql, { place: 'report' });
  const bins = byCampaign(rows, (row) => {
    const [low, high, bin] = [Number(row.low), Number(row.high), Number(row.bin)];
    const width = (high - low) / scoreBins;
    const bound = (steps: number) => publishedValue(low + steps * width);
    return { from: bound(bin), to: bound(bin + 1), count: Number(row.customers) };
  });
  return new Map(
    [...bins].map(([campaign, counted]) => {
      const counts = counted.map(({ count }) => count);
      const shown = publishedParts(
        counts,
        counts.reduce((sum, count) => sum + count, 0),
      );
      return [campaign, counted.map((bin, i) => ({ ...bin, count: shown[i]! }))];
    }),
  );
}

function byCampaign<Row extends { readonly [column: string]: unknown }, T>(
  rows: readonly Row[],
  read: (row: Row) => T,
): Map<string, T[]> {
  const campaigns = new Map<string, T[]>();
  for (const row of rows) {
    const campaign = String(row.campaign);
    campaigns.set(campaign, [...(campaigns.get(campaign) ?? []), read(row)]);
  }
  return campaigns;
}
