import { type CalendarSpan, daysSinceEpoch, type PlainDate, type Product, required, spanStart } from '@basketwise/core';
import { type DuckdbEngine, publishedRelation, type WrittenStyle } from '@basketwise/data';
import type { OfferedItems } from './items.ts';
import type { ContactTerms } from './terms.ts';

/** Set number of a customer whose items are all in cool-off. */
export const allRest = 0xffff_ffff;

/** Items in cool-off of each customer. */
export interface Resting {
  /** Set of items in cool-off of each customer, u32[customers]: 0 for no item, `allRest` for all items. */
  set: Uint32Array;
  /** Items of each set, ascending. Set 0 is empty. */
  sets: readonly (readonly number[])[];
}

/** Items and customers to which contacts refer. */
export interface RestingAbout extends Pick<OfferedItems, 'items' | 'countedAs'> {
  campaigns: readonly string[];
  products: readonly Product[];
  /** 1 for customers of the control, u8[customers]. */
  control: Uint8Array;
}

/** Kinds of contacts: an offer, and the customer's answers to it. */
const contactKinds = ['offer', 'refusal', 'purchase'] as const;

/** Result if no item is in cool-off for any customer. */
export function nothingRests(customers: number): Resting {
  return { set: new Uint32Array(customers), sets: [[]] };
}

/**
 * Finds the items in cool-off of each customer:
 * - the items of a contact's product or campaign, for the period that the config sets for this kind of contact
 * - all items, for the period after any contact, or while the limit of contacts is reached
 * @param contacts relation (customer, product, campaign, contacted, answer, missed). missed: 1 for offers to control customers, who were
 * not contacted
 */
export async function findResting(
  engine: DuckdbEngine,
  contacts: string,
  config: ContactTerms,
  date: PlainDate,
  about: RestingAbout,
  signal: AbortSignal,
): Promise<Resting> {
  const sets = new RestingSets(about.control.length);
  const since = contactDays(config, date);
  const most = config.at_most?.offers ?? Number.POSITIVE_INFINITY;
  const itemsOf = itemsAbout(about);
  let [customer, count] = [-1, 0];
  let [rests, all] = [new Set<number>(), false];
  const close = () => (all || count >= most ? sets.restAll(customer) : sets.rest(customer, rests));
  for await (const { rows, columns } of engine.query(contactsSql(engine, contacts, config), { signal, place: 'contacts' })) {
    const [customerOf, product, days, kind, missed] = ['customer', 'product', 'days', 'kind', 'missed'].map(
      (name) => columns[name] as Int32Array,
    );
    const campaign = columns.campaign as readonly string[];
    for (let i = 0; i < rows; i++) {
      // Skips the missed offer of a customer who has left the control since then: the customer was never contacted.
      if (missed![i] === 1 && about.control[customerOf![i]!] === 0) continue;
      if (customerOf![i] !== customer) {
        if (customer >= 0) close();
        [customer, count, rests, all] = [customerOf![i]!, 0, new Set(), false];
      }
      // In a period of 30 days, a contact exactly 30 days ago no longer counts.
      if (days![i]! > since.any) all = true;
      if (days![i]! > since.limit) count++;
      // An answer implies an offer, so the longer period of both applies.
      if (days![i]! > Math.min(since.kinds[0]!, since.kinds[kind![i]!]!))
        for (const item of itemsOf(product![i]!, campaign[i]!)) rests.add(item);
    }
  }
  if (customer >= 0) close();
  return sets;
}

/** Distinct sets of items in cool-off, numbered in the order of their first occurrence. */
class RestingSets implements Resting {
  readonly set: Uint32Array;
  readonly sets: number[][] = [[]];
  readonly #numbers = new Map<string, number>([['', 0]]);

  constructor(customers: number) {
    this.set = new Uint32Array(customers);
  }

  restAll(customer: number): void {
    this.set[customer] = allRest;
  }

  rest(customer: number, rests: ReadonlySet<number>): void {
    if (rests.size === 0) return;
    const items = [...rests].sort((a, b) => a - b);
    const key = items.join();
    if (!this.#numbers.has(key)) this.#numbers.set(key, this.sets.push(items) - 1);
    this.set[customer] = required(this.#numbers, key);
  }
}

/**
 * Days (since 1970-01-01) after which a contact still counts: by kind of contact, for the period after any contact, and for the limit
 * of contacts. Infinite: no contact counts.
 */
function contactDays({ rest, at_most: cap }: ContactTerms, date: PlainDate): { kinds: number[]; any: number; limit: number } {
  const since = (span: CalendarSpan | undefined) =>
    span === undefined ? Number.POSITIVE_INFINITY : daysSinceEpoch(spanStart(date, span));
  return { kinds: contactKinds.map((kind) => since(rest[kind])), any: since(rest.any), limit: since(cap?.within) };
}

function contactsSql(engine: DuckdbEngine, contacts: string, config: ContactTerms): string {
  return (
    `SELECT customer, CAST(coalesce(product, -1) AS INTEGER) AS product, coalesce(campaign, '') AS campaign,` +
    ` CAST(contacted - DATE '1970-01-01' AS INTEGER) AS days, CAST(${kindSql(engine, config)} AS INTEGER) AS kind, CAST(missed AS INTEGER) AS missed FROM ${contacts} ORDER BY customer`
  );
}

/** Start of the longest cool-off period in the config, as of a date; null if the config has no period. */
export function longestRest({ rest, at_most: cap }: ContactTerms, date: PlainDate): PlainDate | null {
  const spans = [...Object.values(rest), cap?.within].filter((span) => span !== undefined);
  return spans.map((span) => spanStart(date, span)).sort()[0] ?? null;
}

/** Earlier run whose offers to control customers count like contacts, so that both arms have the same cool-off periods. */
export interface MissedRun {
  date: PlainDate;
  folder: string;
  output: WrittenStyle;
}

/**
 * Relation of contacts (customer, product, campaign, contacted, answer, missed), with the offers to the control in earlier runs.
 * @param contacts relation of the contacts made; null without contacts
 * @param by names of the contacted products in the contacts table
 */
export function contactsAndMissed(
  engine: DuckdbEngine,
  contacts: string | null,
  runs: readonly MissedRun[],
  by: 'campaign' | 'code' | 'name',
): string | null {
  const missed = runs.map(
    (run) =>
      `SELECT c.customer, ${by === 'campaign' ? 'CAST(NULL AS INTEGER)' : 'p.product'} AS product, o.campaign, ${engine.dialect.date(run.date)} AS contacted,` +
      ` CAST(NULL AS VARCHAR) AS answer, true AS missed FROM ${publishedRelation(engine.dialect, run.folder, run.output, 'offers')} o JOIN customers c ON c.id = o.customer JOIN products p ON p.code = o.product_code` +
      ` WHERE o.arm LIKE 'control%'`,
  );
  const made =
    contacts === null ? [] : [`SELECT customer, product, campaign, contacted, answer, false AS missed FROM ${contacts}`];
  const all = [...made, ...missed];
  return all.length === 0 ? null : `(${all.join(' UNION ALL ')})`;
}

function kindSql({ dialect }: DuckdbEngine, { answers }: ContactTerms): string {
  const list = (texts: readonly string[]) => texts.map((one) => dialect.text(one)).join(', ');
  const cases = [
    ...(answers.refusal.length > 0 ? [`WHEN answer IN (${list(answers.refusal)}) THEN 1`] : []),
    ...(answers.purchase.length > 0 ? [`WHEN answer IN (${list(answers.purchase)}) THEN 2`] : []),
  ];
  return cases.length === 0 ? '0' : `CASE ${cases.join(' ')} ELSE 0 END`;
}

/**
 * Returns a function that finds the items of a contact.
 * A contact about a product has the items of the product's equivalence group in all campaigns.
 * A contact about a campaign has all items of the campaign.
 */
function itemsAbout({ items, campaigns, products, countedAs }: RestingAbout) {
  const byGroup = new Map<string, number[]>();
  const byCampaign = new Map<string, number[]>();
  for (const [item, { product, campaign }] of items.entries()) {
    const { groupKey } = products[product]!;
    byGroup.set(groupKey, [...(byGroup.get(groupKey) ?? []), item]);
    const place = countedAs(campaigns[campaign]!);
    byCampaign.set(place, [...(byCampaign.get(place) ?? []), item]);
  }
  return (product: number, campaign: string): readonly number[] =>
    (product >= 0 ? byGroup.get(products[product]!.groupKey) : byCampaign.get(countedAs(campaign))) ?? [];
}
