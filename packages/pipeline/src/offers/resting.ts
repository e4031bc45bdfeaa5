import type { OfferItem } from '@basketwise/core';
import { required } from '@basketwise/core';
import { type CalendarSpan, daysBefore, type PlainDate, type Product } from '@basketwise/core/advice';
import type { DuckdbEngine } from '@basketwise/data';
import type { Config } from '../config/schema.ts';

type Contacts = NonNullable<Config['offers']>['contacts'];

/** In place of a set: everything rests. */
export const allRest = 0xffff_ffff;

/** Products that are not offered, by customer. */
export interface Resting {
  /** Set of each customer: 0 none, `allRest` everything. */
  set: Uint32Array;
  /** Items of each set, ascending; set 0 is empty. */
  sets: readonly (readonly number[])[];
}

/** Kind of a contact: an offer, or its answer. */
const kinds = ['offer', 'refusal', 'purchase'] as const;

/**
 * Finds what rests for whom: what a contact was about, for as long as the config says after such a contact; everything, after any contact or once
 * there were as many as there may be.
 * @param contacts relation (customer, product, campaign, contacted, answer) in the order of customers; null: there were none
 */
export async function findResting(
  engine: DuckdbEngine,
  contacts: string | null,
  config: Contacts,
  date: PlainDate,
  about: { items: readonly OfferItem[]; campaigns: readonly string[]; products: readonly Product[]; customers: number },
  signal: AbortSignal,
): Promise<Resting> {
  const set = new Uint32Array(about.customers);
  const sets: number[][] = [[]];
  if (contacts === null) return { set, sets };
  const numbers = new Map<string, number>([['', 0]]);
  const since = (span: CalendarSpan | undefined) => (span === undefined ? Number.POSITIVE_INFINITY : daysBefore(date, span));
  const restSince = kinds.map((kind) => since(config.rest[kind]));
  const anySince = since(config.rest.any);
  const cap = config.at_most;
  const capSince = since(cap?.within);
  const itemsOf = itemsAbout(about);
  let [customer, count] = [-1, 0];
  let [rests, all] = [new Set<number>(), false];
  const close = () => {
    if (customer < 0) return;
    if (all || (cap && count >= cap.offers)) set[customer] = allRest;
    else if (rests.size > 0) {
      const items = [...rests].sort((a, b) => a - b);
      const key = items.join();
      if (!numbers.has(key)) numbers.set(key, sets.push(items) - 1);
      set[customer] = required(numbers, key);
    }
  };
  const answer = kindSql(engine, config);
  const sql =
    `SELECT customer, CAST(coalesce(product, -1) AS INTEGER) AS product, coalesce(campaign, '') AS campaign,` +
    ` CAST(contacted - DATE '1970-01-01' AS INTEGER) AS days, CAST(${answer} AS INTEGER) AS kind FROM ${contacts} ORDER BY customer`;
  for await (const { rows, columns } of engine.query(sql, { signal, place: 'contacts' })) {
    const [of, product, days, kind] = [columns.customer, columns.product, columns.days, columns.kind] as Int32Array[];
    const campaign = columns.campaign as readonly string[];
    for (let i = 0; i < rows; i++) {
      if (of![i] !== customer) {
        close();
        [customer, count, rests, all] = [of![i]!, 0, new Set(), false];
      }
      // a time ends on the day that lies it back: what was offered 30 days ago rests no more
      if (days![i]! > anySince) all = true;
      if (days![i]! > capSince) count++;
      // an answer is an offer, too
      if (days![i]! > Math.min(restSince[0]!, restSince[kind![i]!]!))
        for (const item of itemsOf(product![i]!, campaign[i]!)) rests.add(item);
    }
  }
  close();
  return { set, sets };
}

function kindSql({ dialect }: DuckdbEngine, { answers }: Contacts): string {
  const list = (texts: readonly string[]) => texts.map((one) => dialect.text(one)).join(', ');
  const cases = [
    ...(answers.refusal.length > 0 ? [`WHEN answer IN (${list(answers.refusal)}) THEN 1`] : []),
    ...(answers.purchase.length > 0 ? [`WHEN answer IN (${list(answers.purchase)}) THEN 2`] : []),
  ];
  return cases.length === 0 ? '0' : `CASE ${cases.join(' ')} ELSE 0 END`;
}

/** Items that a contact was about: the product, by whatever of its group was named, in any campaign; or all of a campaign. */
function itemsAbout({
  items,
  campaigns,
  products,
}: {
  items: readonly OfferItem[];
  campaigns: readonly string[];
  products: readonly Product[];
}) {
  const byGroup = new Map<string, number[]>();
  const byCampaign = new Map<string, number[]>();
  for (const [item, { product, campaign }] of items.entries()) {
    const { groupKey } = products[product]!;
    byGroup.set(groupKey, [...(byGroup.get(groupKey) ?? []), item]);
    byCampaign.set(campaigns[campaign]!, [...(byCampaign.get(campaigns[campaign]!) ?? []), item]);
  }
  return (product: number, campaign: string): readonly number[] =>
    (product >= 0 ? byGroup.get(products[product]!.groupKey) : byCampaign.get(campaign)) ?? [];
}
