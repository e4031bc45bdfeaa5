import { AppError } from '@basketwise/core/error';
import {
  type CalendarSpan,
  checkHoldings,
  codeOrder,
  dateOfDay,
  type HistoryBatch,
  type KernelPool,
  type NamedChoice,
  noDate,
  type PlainDate,
  type Product,
  parseSpan,
  saveModel,
  specOfChoice,
  stillOpen,
} from '@basketwise/core/parts';
import { type BankSettings, usualBands, usualLength, usualTest } from './campaigns/bank-settings.ts';
import { automaticKind, type CampaignPlan, planCampaign, usualSample } from './campaigns/campaign-plan.ts';
import { type CustomerFeature, featureContexts } from './campaigns/customer-features.ts';
import { bankOfRecords } from './choosing/bank-of-records.ts';
import type { AdviceTools } from './choosing/bank-source.ts';
import { type Advice, recommend } from './choosing/recommend.ts';
import { recordsOfRows } from './evaluation/kept-records.ts';

/** Product of a bank. */
export interface BankProduct {
  code: string;
  /** Name. Default: the code. */
  name?: string;
  /** Class. Default: one class for all products without one. */
  class?: string;
  /** Whether the product can be recommended. Default true. */
  onSale?: boolean;
}

/** Holdings of a bank's customers in any order: one element of `customer`, `product`, `days` and `closed` per holding. */
export interface BankHoldings {
  /** Customer number from 0. Numbers in the order of ids give the lists of the batch job, which draws samples by number. */
  customer: ArrayLike<number>;
  /** Position in `products`, from 0. */
  product: ArrayLike<number>;
  /** Products of the bank, or only their codes, without duplicates. */
  products: readonly (string | BankProduct)[];
  /** Number of customers, including those without holdings. Default: up to the last customer with a holding. */
  customers?: number;
  /** Day of opening since 1970-01-01, or `noDate`. Default: no holding has a date. */
  days?: ArrayLike<number>;
  /** Day of closing since 1970-01-01, or `stillOpen`. Default: all holdings are open. */
  closed?: ArrayLike<number>;
  /**
   * Day on which each customer joined, since 1970-01-01, or `noDate`. They are no customer before it. Default: all joined before
   * all dates. Without `days` the lists need a `date`.
   */
  joined?: ArrayLike<number>;
}

/** Target customers and products of lists. */
export interface ListCampaign {
  /** `upsell`: customers who hold a product of the class. `cross`: customers who hold none. */
  kind: 'upsell' | 'cross';
  /** Class of the recommended products. */
  class: string;
  /** Classes whose products are in the baskets. Default: all. */
  columns?: readonly string[];
}

/** Model that is learned in the call: the kind is chosen, or next-purchase. */
export interface LearnedChoice {
  kind: 'automatic' | 'next-purchase';
  /** Customers whose past it is learned from, and the seed of their sample. */
  sample?: number;
  seed?: number;
  members?: undefined;
}

/** Options of recommendations. */
export interface RecommendOptions extends Pick<AdviceTools, 'signal' | 'step'> {
  /** Campaign. Default: products of all classes, for customers who hold any product. */
  campaign?: ListCampaign;
  /** Date of the lists. Default: the latest day of opening. Not needed if no holding has a day. */
  date?: PlainDate;
  /** Length of the longest list. Default 5. */
  n?: number;
  /** Model of any kind, with the parameters of docs/reference/config.md. Default: `automatic`. */
  model?: NamedChoice | LearnedChoice;
  /** Features of customers besides their holdings. Default: none. */
  features?: readonly CustomerFeature[];
  /** Length of the windows whose purchases models are learned from and tested on, and of the gap before them. Default: '1 month' each. */
  window?: string;
  gap?: string | null;
}

/** Product of a customer's list. */
export interface ListedProduct {
  product: string;
  /** Score on the model's scale: higher is better. */
  score: number;
  /**
   * Probability of a purchase in the next window, 0 to 1. If no holding has a date: that the next product of the customer is this one.
   * Null without dates if fewer than 20 customers can be tested.
   */
  probability: number | null;
  /**
   * Reason: `popular`, `holds CODE`, `FEATURE LEVEL`, or purchases by customers with the same products or none. Null: the model
   * has no reasons.
   */
  reason: string | null;
}

/** Lists of a bank's customers, and how they were made. */
export interface CustomerLists extends Advice {
  /** Products by the UTF-8 bytes of their codes. */
  products: readonly Product[];
  /** Number of distinct baskets. */
  baskets: number;
  /** List of a customer, best first. Empty for customers outside the target group. */
  of(customer: number): ListedProduct[];
  /** Model as the bytes of a file, as the batch job saves it. @param options.dataHash identifies the training data */
  save(options?: { dataHash?: string }): Promise<Uint8Array<ArrayBuffer>>;
}

/** Class of products without one. */
export const onlyClass = 'product';

/**
 * Recommends by the steps of the batch job. It learns the model from earlier windows, trains it, calibrates probabilities and lists
 * products for all customers. Kernel memory is restored afterwards.
 * @param pool of an open core: `core.pool`
 * @throws AppError usage if array lengths do not match, for days of joining without any other date, or for an unknown class, kind of model
 * or span of time; bad-data if a number is out of range; config and bad-data as the batch job for a feature that cannot be used
 */
export async function recommendTo(
  pool: KernelPool,
  holdings: BankHoldings,
  { date, ...options }: RecommendOptions = {},
): Promise<CustomerLists> {
  const { customers, products, rows } = recordedRows(holdings, options.campaign !== undefined);
  const latest = latestDay(rows.days);
  const isDated = latest !== null;
  if (holdings.joined && !isDated && date === undefined)
    refuseHoldings('days of joining without a date of the lists', 'Give `date`, or leave `joined` out.');
  const { n = usualLength, window = usualTest.window, gap = usualTest.gap } = options;
  const settings = usualSettings({ isDated, n, window, gap });
  const plan = planOf(options, products);
  const mark = pool.memory.mark();
  try {
    const on = date ?? latest ?? dateOfDay(0);
    const records = recordsOfRows(rows, { customers, products, joined: holdings.joined && Int32Array.from(holdings.joined) });
    const contexts = featureContexts(options.features ?? [], { customers, date: on, isDated });
    const source = bankOfRecords({ pool, records, settings, plans: [plan], date: on, contexts });
    const [advice] = await recommend(source, [plan], on, { pool, settings, signal: options.signal, step: options.step });
    return customerLists(advice!, products, customers);
  } finally {
    pool.memory.release(mark);
  }
}

function customerLists(advice: Advice, products: readonly Product[], customers: number): CustomerLists {
  const { unit, units } = advice.scored.results;
  const listedAt = (at: number): ListedProduct => ({
    product: products[units.product[at]!]!.code,
    score: units.score[at]!,
    probability: units.probability?.[at] ?? null,
    reason: units.reasons?.[units.reason?.[at] ?? -1] ?? null,
  });
  return {
    ...advice,
    products,
    baskets: units.start.length - 1,
    of(customer) {
      const row = unit[customer];
      if (row === undefined) throw new AppError('usage', `there is no customer ${customer}`, `Ask for 0 to ${customers - 1}.`);
      if (row < 0) return [];
      const [from, to] = [units.start[row]!, units.start[row + 1]!];
      return Array.from({ length: to - from }, (_, i) => listedAt(from + i));
    },
    async save({ dataHash = '' } = {}) {
      const { all } = advice.models;
      if (all === null) throw new AppError('usage', 'no customer holds a product: there is no model', 'Give holdings.');
      return await saveModel(all.state(), { dataHash });
    },
  };
}

/**
 * Holdings in the order of records, products in the order of their codes. @param byClass whether products keep their classes;
 * else all have one class
 */
function recordedRows(holdings: BankHoldings, byClass: boolean): { customers: number; products: Product[]; rows: HistoryBatch } {
  const described = holdings.products.map((one) => (typeof one === 'string' ? { code: one } : one));
  const order = codeOrder(described.map(({ code }) => code));
  const products = order.map((at, product) => productOf(described[at]!, product, byClass));
  const numberOf = new Int32Array(order.length);
  for (const [product, at] of order.entries()) numberOf[at] = product;
  const { length } = holdings.customer;
  const column = (values: ArrayLike<number> | undefined, usual: number) =>
    values ? Int32Array.from(values) : new Int32Array(length).fill(usual);
  const customer = column(holdings.customer, 0);
  const customers = holdings.customers ?? customer.reduce((most, one) => Math.max(most, one + 1), 0);
  checkHoldings(
    holdings,
    products.map(({ code }) => code),
    customers,
  );
  checkNumbers(holdings, customers);
  if (holdings.joined && holdings.joined.length !== customers)
    refuseHoldings(
      `days of joining of ${holdings.joined.length} of ${customers} customers`,
      'Give `noDate` where it is not known.',
    );
  const product = Int32Array.from(holdings.product, (at) => numberOf[at]!);
  const rows = { customer, product, days: column(holdings.days, noDate), closed: column(holdings.closed, stillOpen) };
  return { customers, products, rows: orderedRows(rows, customers) };
}

function productOf(
  { code, name = code, class: of = onlyClass, onSale = true }: BankProduct,
  product: number,
  byClass: boolean,
): Product {
  const own = { product, code, name, class: byClass ? of : onlyClass };
  return { ...own, groupKey: code, onSale, representative: onSale ? product : null };
}

/** Rows ordered by customer, product, opening and closing. */
function orderedRows({ customer, product, days, closed }: HistoryBatch, customers: number): HistoryBatch {
  const start = new Uint32Array(customers + 1);
  for (const one of customer) start[one + 1]!++;
  for (let c = 0; c < customers; c++) start[c + 1]! += start[c]!;
  const next = start.slice();
  const order = new Uint32Array(customer.length);
  for (const [row, one] of customer.entries()) order[next[one]!++] = row;
  const compare = (a: number, b: number) => product[a]! - product[b]! || days[a]! - days[b]! || closed[a]! - closed[b]!;
  for (let c = 0; c < customers; c++) if (start[c + 1]! - start[c]! > 1) order.subarray(start[c], start[c + 1]).sort(compare);
  const inOrder = (values: Int32Array) => Int32Array.from(order, (row) => values[row]!);
  return { customer: inOrder(customer), product: inOrder(product), days: inOrder(days), closed: inOrder(closed) };
}

function latestDay(days: Int32Array): PlainDate | null {
  let latest = noDate;
  for (const day of days) latest = Math.max(latest, day);
  return latest === noDate ? null : dateOfDay(latest);
}

/** Settings of a config with only defaults. */
function usualSettings(given: { isDated: boolean; n: number; window: string; gap: string | null }): BankSettings {
  const { isDated, n, window, gap } = given;
  const { bootstrap, seed } = usualTest;
  return {
    tables: { holdings: { date: isDated ? 'days' : null } },
    recency: { bands: usualBands.map(({ within, weight }) => ({ weight, ...(within && { within: requiredSpan(within) }) })) },
    evaluate: { window: requiredSpan(window), gap: gap === null ? null : requiredSpan(gap), bootstrap, seed },
    top_n: n,
    rules: [],
  };
}

function requiredSpan(text: string): CalendarSpan {
  const found = parseSpan(text);
  if (!found) throw new AppError('usage', `${text} is no span of time`, 'Write 1 month, 6 weeks or 90 days.');
  return found;
}

/** Plan of a campaign. Without one, holders of any product get all products. */
function planOf({ campaign, model }: Pick<RecommendOptions, 'campaign' | 'model'>, products: readonly Product[]): CampaignPlan {
  const classes = [...new Set(products.map((one) => one.class))];
  const { kind, class: of, columns = classes } = campaign ?? { kind: 'upsell', class: onlyClass };
  for (const name of [of, ...columns]) {
    if (!classes.includes(name)) refuseHoldings(`no product is of class ${name}`, `There are: ${classes.join(', ')}.`);
  }
  const name = campaign ? `${of}-${kind}` : 'all';
  const chosen = model ?? { kind: automaticKind, ...usualSample };
  return planCampaign({ name, kind, class: of, columns }, chosen, (named) => specOfChoice(named as NamedChoice));
}

function refuseHoldings(message: string, hint: string, code: 'usage' | 'bad-data' = 'usage'): never {
  throw new AppError(code, `holdings: ${message}`, hint);
}

function checkNumbers({ customer, product, products }: BankHoldings, customers: number): void {
  for (let i = 0; i < customer.length; i++) {
    const [who, which] = [customer[i]!, product[i]!];
    if (!(Number.isInteger(who) && who >= 0 && who < customers))
      refuseHoldings(`customer ${who} of ${customers}`, 'Number customers from 0.', 'bad-data');
    if (!(Number.isInteger(which) && which >= 0 && which < products.length))
      refuseHoldings(`product ${which} of ${products.length}`, 'Give positions in products, from 0.', 'bad-data');
  }
}
