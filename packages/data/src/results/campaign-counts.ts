import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';

/** Numbers of rows and customers of one campaign in a published table. */
export interface PublishedCounts {
  campaign: string;
  rows: number;
  customers: number;
}

/** Counts of one campaign. A staging table replaces the published rows only if its counts equal those of the run. */
export interface CampaignRows extends PublishedCounts {
  /** Sum of the column of ranks (or of orders, for offers). */
  ranks: number;
}

/**
 * Counts recommendations or offers by campaign.
 * @param from relation with the columns of recommendations or of offers
 * @param place name of the column of ranks, or of orders
 */
export async function countCampaigns(
  engine: Pick<Engine, 'query' | 'dialect'>,
  from: string,
  campaigns: readonly string[],
  options: StatementOptions,
  place: 'rank' | 'order' = 'rank',
): Promise<CampaignRows[]> {
  const rank = engine.dialect.identifier(place);
  const sql = `SELECT campaign, count(*) AS n, count(DISTINCT customer) AS customers, CAST(sum(${rank}) AS bigint) AS ranks FROM ${from} GROUP BY campaign`;
  const found = new Map((await queryRows(engine, sql, options)).map((row) => [row.campaign, row]));
  return campaigns.map((campaign) => {
    const row = found.get(campaign);
    return { campaign, rows: Number(row?.n ?? 0), customers: Number(row?.customers ?? 0), ranks: Number(row?.ranks ?? 0) };
  });
}

/** Text about the first campaign whose counts in the staging table differ from the counts of the run. Undefined if all are equal. */
export function countsDiffer(computed: readonly CampaignRows[], staged: readonly CampaignRows[]): string | undefined {
  for (const [i, { campaign, rows, customers, ranks }] of computed.entries()) {
    const found = staged[i]!;
    if (found.rows === rows && found.customers === customers && found.ranks === ranks) continue;
    return `campaign ${campaign}: staging has ${found.rows} rows of ${found.customers} customers, but ${rows} rows of ${customers} were computed`;
  }
  return undefined;
}
