import { type Engine, queryRows } from '@basketwise/data';
import { type PublishedCount, publishedCount } from '../segments/published-count.ts';
import type { PlainDate } from '../values/plain-date.ts';

/** What the report draws of a campaign, counted from the published rows. */
export interface CampaignFigures {
  campaign: string;
  /** Products most often recommended first, largest first, beside how often they are held. */
  products: readonly {
    code: string;
    name: string;
    /** Customers whose list it leads; null: fewer than 10. */
    first: PublishedCount;
    /** Share of the campaign's lists that it leads. */
    firstShare: number;
    /** Share of the holdings of its class on the reference date. */
    heldShare: number;
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

/** What was published, as SQL. */
export interface PublishedRows {
  /** Relation with the columns of recommendations. */
  recommendations: string;
  /** Customers of some of its rows, as an aggregate. */
  customers: string;
  /** Relation with code, class and held: how often a product is held on the reference date. */
  held: string;
}

/** How often products are held, counted from the holdings of a snapshot. */
export function heldOn(engine: Engine, referenceDate: PlainDate): string {
  const day = engine.dialect.date(referenceDate);
  return `(SELECT p.code, p.class, count(*) AS held FROM holdings h JOIN products p USING (product)
        WHERE (opened IS NULL OR opened <= ${day}) AND (closed IS NULL OR closed > ${day}) GROUP BY ALL)`;
}

/**
 * Counts what was published, per campaign in the order given.
 * @param engine a snapshot's engine: it knows products
 */
export async function countFigures(
  engine: Engine,
  published: PublishedRows,
  campaigns: readonly string[],
): Promise<CampaignFigures[]> {
  const products = await countProducts(engine, published);
  const scores = await countScores(engine, published);
  return campaigns.map((campaign) => ({ campaign, products: products.get(campaign) ?? [], scores: scores.get(campaign) ?? [] }));
}

async function countProducts(
  engine: Engine,
  { recommendations, customers, held }: PublishedRows,
): Promise<Map<string, ProductShare[]>> {
  const sql = `
    WITH firsts AS (SELECT campaign, product_code, ${customers} AS first FROM ${recommendations} WHERE rank = 1 GROUP BY ALL),
      shares AS (SELECT *, first / sum(first) OVER (PARTITION BY campaign) AS first_share,
        row_number() OVER (PARTITION BY campaign ORDER BY first DESC, product_code) AS place FROM firsts),
      held_shares AS (SELECT code, held / sum(held) OVER (PARTITION BY class) AS held_share FROM ${held})
    SELECT campaign, s.product_code AS code, p.name AS name, CAST(first AS DOUBLE) AS first, CAST(first_share AS DOUBLE) AS first_share,
      CAST(coalesce(held_share, 0) AS DOUBLE) AS held_share
    FROM shares s JOIN products p ON p.code = s.product_code LEFT JOIN held_shares h ON h.code = s.product_code
    WHERE place <= ${shownProducts} ORDER BY campaign, place`;
  const rows = await queryRows(engine, sql, { place: 'report' });
  return byCampaign(rows, (row) => ({
    code: String(row.code),
    name: String(row.name),
    first: publishedCount(Number(row.first)),
    firstShare: round(Number(row.first_share)),
    heldShare: round(Number(row.held_share)),
  }));
}

async function countScores(engine: Engine, published: PublishedRows): Promise<Map<string, ScoreBin[]>> {
  const { recommendations, customers } = published;
  const sql = `
    WITH best AS (SELECT campaign, CAST(score AS DOUBLE) AS score, ${customers} AS customers FROM ${recommendations}
        WHERE rank = 1 AND source <> 'popularity' GROUP BY campaign, score),
      bounds AS (SELECT campaign, min(score) AS low, max(score) AS high FROM best GROUP BY campaign),
      binned AS (SELECT best.*, low, high,
        CASE WHEN high > low THEN least(${scoreBins - 1}, CAST(floor((score - low) / (high - low) * ${scoreBins}) AS INTEGER)) ELSE 0 END AS bin
        FROM best JOIN bounds USING (campaign))
    SELECT campaign, low, high, bin, CAST(sum(customers) AS DOUBLE) AS customers
    FROM binned GROUP BY campaign, low, high, bin ORDER BY campaign, bin`;
  const rows = await queryRows(engine, sql, { place: 'report' });
  return byCampaign(rows, (row) => {
    const [low, high, bin] = [Number(row.low), Number(row.high), Number(row.bin)];
    const width = (high - low) / scoreBins;
    return { from: round(low + bin * width), to: round(low + (bin + 1) * width), count: publishedCount(Number(row.customers)) };
  });
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
