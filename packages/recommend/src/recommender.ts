import {
  AppError,
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
} from '@basketwise/core';
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
  /** Product class. Default: one common class for all products that give none. */
  class?: string;
  /** Whether the product can be recommended. Default true. */
  onSale?: boolean;
}

/** Holdings of a bank's customers, in any order. The arrays `customer`, `product`, `days` and `closed` have one element per holding. */
export interface BankHoldings {
  /**
   * Customer number of each holding, from 0. The batch job numbers customers in the order of their ids and draws samples by number. Lists equal the
   * batch job's only if customers have the same numbers.
   */
  customer: ArrayLike<number>;
  /** Product of each holding, as its position in `products`, from 0. */
  product: ArrayLike<number>;
  /** Products of the bank, or only their codes, without duplicates. */
  products: readonly (string | BankProduct)[];
  /** Number of customers, including customers without holdings. Default: the largest customer number in `customer`, plus 1. */
  customers?: number;
  /** Day on which each holding was opened, in days since 1970-01-01, or `noDate` if unknown. Default: no holding has a date. */
  days?: ArrayLike<number>;
  /** Day on which each holding was closed, in days since 1970-01-01, or `stillOpen`. Default: all holdings are open. */
  closed?: ArrayLike<number>;
  /**
   * Day on which each customer joined the bank, in days since 1970-01-01. `noDate`: unknown, treated as earlier than all dates. Calculations as of a
   * date ignore customers who joined later. Default: all customers joined before all dates. If no holding has a date, days of joining require the
   * option `date`.
   */
  joined?: ArrayLike<number>;
}

/** Campaign of the lists: its target customers and the class of the recommended products. */
export interface ListCampaign {
  /** `upsell`: customers who hold a product of the class. `cross`: customers who hold none. */
  kind: 'upsell' | 'cross';
  /** Class of the recommended products. */
  class: string;
  /** Classes whose products are in the baskets. Default: all. */
  columns?: readonly string[];
}

/** Model that `recommendTo` learns from the holdings. `automatic` also chooses the kind of model. */
export interface LearnedChoice {
  kind: 'automatic' | 'next-purchase';
  /** Number of customers whose past holdings are used to choose and learn the model. `seed` is the seed of their random sample. */
  sample?: number;
  seed?: number;
  members?: undefined;
}

/** Options of `recommendTo`. */
export interface RecommendOptions extends Pick<AdviceTools, 'signal' | 'step'> {
  /** Campaign. Default: recommend products of all classes to customers who hold any product. */
  campaign?: ListCampaign;
  /** Reference date of the lists. Default: the latest day of opening. Not needed if no holding has a date. */
  date?: PlainDate;
  /** Length of the longest list. Default 5. */
  n?: number;
  /** Model of any kind, with the parameters of docs/reference/config.md. Default: `automatic`. */
  model?: NamedChoice | LearnedChoice;
  /** Features of customers besides their holdings. Default: none. */
  features?: readonly CustomerFeature[];
  /**
   * Length of a window (`window`), and of the gap before it (`gap`). Models are learned from and tested on the purchases in windows. Default: '1
   * month' each.
   */
  window?: string;
  gap?: string | null;
}

/** Entry of a customer's list: a recommended product. */
export interface ListedProduct {
  product: string;
  /** Score on the model's scale: higher is better. */
  score: number;
  /**
   * Probability, 0 to 1, that the customer purchases the product in the next window. If no holding has a date: probability that the customer's next
   * product is this one. Null if no holding has a date and fewer than 20 customers can be tested.
   */
  probability: number | null;
  /**
   * Main reason for the recommendation: `popular`, `holds CODE`, `FEATURE LEVEL`, or purchases by customers with the same products or without
   * products. Null: the model has no reasons.
   */
  reason: string | null;
}

/** Lists of a bank's customers, with the model and the test results that `recommendTo` based them on. */
export interface CustomerLists extends Advice {
  /** Products, ordered by the UTF-8 bytes of their codes. */
  products: readonly Product[];
  /** Number of distinct baskets. */
  baskets: number;
  /** List of a customer, best first. Empty for customers outside the target group. */
  of(customer: number): ListedProduct[];
  /**
   * Returns the model as the bytes of a model file, in the format of the batch job.
   * @param options.dataHash identifier of the training data, stored in the file
   */
  save(options?: { dataHash?: string }): Promise<Uint8Array<ArrayBuffer>>;
}

/** Class of the products that give no class. */
export const onlyClass = 'product';

/**
 * Recommends products to a bank's customers by the steps of the batch job. The steps learn the model from earlier windows, train it, calibrate
 * probabilities and list products for all customers. Kernel memory is restored afterwards.
 * @param pool kernel pool of an open core: `core.pool`
 * @throws AppError usage if array lengths do not match, if days of joining are given without any other date, or for an unknown class, kind of model
 * or span of time. AppError bad-data if a number is out of range. AppError config or bad-data, as in the batch job, for a feature that cannot be used
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
 * Converts holdings to rows ordered by customer, product and day, and products to the order of their codes.
 * @param byClass true: products keep their classes. false: all products get one class
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
  { code, name = code, class: className = onlyClass, onSale = true }: BankProduct,
  product: number,
  byClass: boolean,
): Product {
  const identity = { product, code, name, class: byClass ? className : onlyClass };
  return { ...identity, groupKey: code, onSale, representative: onSale ? product : null };
}

/** Sorts rows by customer, product, opening day and closing day. */
function orderedRows({ customer, product, days, closed }: HistoryBatch, customers: number): HistoryBatch {
  const start = new Uint32Array(customers + 1);
  for (const number of customer) start[number + 1]!++;
  for (let c = 0; c < customers; c++) start[c + 1]! += start[c]!;
  const next = start.slice();
  const order = new Uint32Array(customer.length);
  for (const [row, number] of customer.entries()) order[next[number]!++] = row;
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
  const span = parseSpan(text);
  if (!span) throw new AppError('usage', `${text} is no span of time`, 'Write 1 month, 6 weeks or 90 days.');
  return span;
}

/** Plan of a campaign. Without a campaign, all products are recommended to the holders of any product. */
function planOf({ campaign, model }: Pick<RecommendOptions, 'campaign' | 'model'>, products: readonly Product[]): CampaignPlan {
  const classes = [...new Set(products.map((one) => one.class))];
  const { kind, class: className, columns = classes } = campaign ?? { kind: 'upsell', class: onlyClass };
  for (const name of [className, ...columns]) {
    if (!classes.includes(name)) refuseHoldings(`no product is of class ${name}`, `There are: ${classes.join(', ')}.`);
  }
  const name = campaign ? `${className}-${kind}` : 'all';
  const chosen = model ?? { kind: automaticKind, ...usualSample };
  return planCampaign({ name, kind, class: className, columns }, chosen, (named) => specOfChoice(named as NamedChoice));
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
