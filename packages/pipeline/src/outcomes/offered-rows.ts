import { baseName, type PlainDate } from '@basketwise/core/parts';
import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import { purchaseDays, type ReadOutWindow } from '@basketwise/offers';
import type { EarlierRun } from '../run/earlier-runs.ts';

/**
 * Query with a row for each offer of a run: customer, arm, groups, probability, and whether the customer purchased the product. A
 * run without offers has a row for each recommendation instead. `is_first`: no earlier offer of either arm was drawn for the
 * customer with the salt of the control. `is_first_in_experiment`: the same with the salt of the experiment.
 * @param before table (salt, customer) with the customers of earlier offers
 */
export function offeredRows(engine: DuckdbEngine, run: EarlierRun, over: ReadOutWindow, before: string): string {
  const { dialect } = engine;
  const { control, experiment } = run.draws;
  const lists = publishedRelation(dialect, run.folder, run.output);
  const offers = publishedRelation(dialect, run.folder, run.output, 'offers');
  const bought = purchases(engine, run.date, over);
  const isFirst = (salt: string | undefined) =>
    salt === undefined
      ? 'true'
      : `NOT EXISTS (SELECT 1 FROM ${before} b WHERE b.salt = ${dialect.text(salt)} AND b.customer = o.customer)`;
  const withBought = (rows: string) =>
    `SELECT o.customer, o.campaign, o.product_code, o.place, o.probability, o.arm, o.variant, o.experiment, o.cluster, o.source, o.is_first, o.is_first_in_experiment,` +
    ` b.buyer IS NOT NULL AS bought FROM (${rows}) o` +
    ` LEFT JOIN products p ON o.product_code = p.code LEFT JOIN (${bought}) b ON b.buyer = o.customer AND b.group_key = p.group_key`;
  if (run.hasOffers) {
    const name = experiment ? dialect.text(experiment.name) : 'NULL';
    const variant = experiment ? `CASE WHEN strpos(o.arm, ' ') = 0 THEN '${baseName}' ELSE ${name} END` : 'NULL';
    return withBought(
      `SELECT o.customer, o.campaign, o.product_code, CAST(o."order" AS INTEGER) AS place, CAST(o.probability AS DOUBLE) AS probability, o.arm, ${variant} AS variant, ${name} AS experiment, r.cluster, r.source,` +
        ` ${isFirst(control?.salt)} AS is_first, ${isFirst(experiment?.salt)} AS is_first_in_experiment` +
        ` FROM ${offers} o LEFT JOIN ${lists} r ON o.customer = r.customer AND o.campaign = r.campaign AND o.product_code = r.product_code`,
    );
  }
  const listed = `SELECT customer, campaign, product_code, rank AS place, probability, 'offered' AS arm, NULL AS variant, NULL AS experiment, cluster, source, true AS is_first, true AS is_first_in_experiment FROM ${lists}`;
  // A customer without a list of a campaign has one row. It counts as bought if the customer purchased any product on the lists
  // of the campaign.
  const ofCampaign = `SELECT DISTINCT l.campaign, p.group_key FROM ${lists} l JOIN products p ON p.code = l.product_code`;
  const buyers = `SELECT DISTINCT b.buyer, k.campaign FROM (${bought}) b JOIN (${ofCampaign}) k ON b.group_key = k.group_key`;
  return (
    `${withBought(listed)} UNION ALL SELECT c.id, l.campaign, NULL, NULL, NULL, 'control', NULL, NULL, NULL, NULL, true, true, y.buyer IS NOT NULL FROM customers c` +
    ` CROSS JOIN (SELECT DISTINCT campaign FROM ${lists}) l LEFT JOIN (SELECT DISTINCT customer, campaign FROM ${lists}) x ON x.customer = c.id AND x.campaign = l.campaign` +
    ` LEFT JOIN (${buyers}) y ON y.buyer = c.id AND y.campaign = l.campaign WHERE x.customer IS NULL`
  );
}

/** Query (buyer, group_key): customers and product groups of the purchases within the window of a run. */
function purchases({ dialect }: DuckdbEngine, date: PlainDate, over: ReadOutWindow): string {
  const [first, last] = purchaseDays(date, over).map((day) => dialect.date(day));
  return (
    `SELECT DISTINCT c.id AS buyer, p.group_key FROM holdings h JOIN customers c ON h.customer = c.customer JOIN products p ON h.product = p.product` +
    ` WHERE h.opened >= ${first} AND h.opened <= ${last}`
  );
}
