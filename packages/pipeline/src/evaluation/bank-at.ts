import { AppError, type Csr, CsrBuilder, type KernelPool } from '@basketwise/core';
import type { HoldingBatch, Product, Snapshot } from '@basketwise/data';
import type { Acquisitions } from '../campaigns/acquisitions.ts';
import { acquisitionCollector, holdersByProduct } from '../campaigns/bank.ts';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';
import { daysSinceEpoch, minusSpan } from '../values/plain-date.ts';
import { hash } from './hash.ts';
import type { EvaluationWindow } from './windows.ts';

/** The bank as it was known on a date: nothing in it is later. */
export interface BankAt {
  window: EvaluationWindow;
  customers: number;
  products: readonly Product[];
  csr: Csr;
  holds: ReadonlyMap<string, Uint8Array>;
  /** Acquisitions of the year before the date. */
  acquisitions: Acquisitions;
  /** Acquisitions after `from` up to `to`, by customer: products; what was acquired in the gap is with `skipped`. */
  added: ReadonlyMap<number, readonly number[]>;
  skipped: ReadonlyMap<number, readonly number[]>;
}

/** @throws AppError bug where a holding is later than the date: nothing of the future may train. */
export function refuseLater({ days }: Pick<HoldingBatch, 'days'>, day: number): void {
  const late = days.findIndex((d) => d > day);
  if (late >= 0) {
    throw new AppError(
      'bug',
      `a holding opened ${days[late]! - day} days after the training date reached the training data`,
      'Report this.',
    );
  }
}

/** Some of a bank's customers, numbered anew. */
export interface CustomerSample {
  customers: number;
  /** i32[customers of the bank]: number in the sample, -1 for those who are not in it. */
  numberOf: Int32Array;
}

/** About `size` customers, by a hash of their number; undefined where all of them are no more. */
export function sampleCustomers(customers: number, size: number, seed: number): CustomerSample | undefined {
  if (customers <= size) return undefined;
  const numberOf = new Int32Array(customers).fill(-1);
  const share = (size / customers) * 2 ** 32;
  let count = 0;
  for (let customer = 0; customer < customers; customer++) if (hash(customer, 606 + seed) < share) numberOf[customer] = count++;
  return { customers: count, numberOf };
}

/** Holdings of the customers of a sample, by their number in it. */
function sampled<T extends HoldingBatch>(batch: T, sample: CustomerSample | undefined): T {
  if (sample === undefined) return batch;
  const kept = batch.customer.map((customer) => sample.numberOf[customer]!);
  const isKept = (_: number, i: number) => kept[i]! >= 0;
  const columns = Object.entries(batch as Readonly<Record<string, Int32Array>> & T);
  const filtered = columns.map(([name, values]) => [name, values.filter(isKept)]);
  return { ...Object.fromEntries(filtered), customer: kept.filter((customer) => customer >= 0) };
}

/**
 * Loads holdings as of a window's date, the year's acquisitions before it, and what was acquired in the window: of all customers, or of a
 * sample of them.
 */
export async function loadBankAt(
  pool: KernelPool,
  snapshot: Snapshot,
  config: Config,
  plans: readonly CampaignPlan[],
  window: EvaluationWindow,
  sample?: CustomerSample,
): Promise<BankAt> {
  const products = await snapshot.products();
  const customers = sample?.customers ?? snapshot.customerCount;
  const day = daysSinceEpoch(window.at);
  const spans = config.recency.bands.flatMap(({ within }) => (within ? [within] : []));
  const builder = new CsrBuilder({
    pool,
    customers,
    products: products.length,
    referenceDay: day,
    cutoffs: spans.map((within) => daysSinceEpoch(minusSpan(window.at, within))),
  });
  const holds = new Map(plans.map((plan) => [plan.class, new Uint8Array(customers)]));
  const holdsOf = holdersByProduct(products, holds);
  for await (const whole of snapshot.holdings(window.at, { place: 'evaluation' })) {
    refuseLater(whole, day);
    const batch = sampled(whole, sample);
    builder.add(batch);
    for (let i = 0; i < batch.customer.length; i++) {
      for (const flags of holdsOf[batch.product[i]!]!) flags[batch.customer[i]!] = 1;
    }
  }
  const csr = await builder.finish();
  const collect = acquisitionCollector(config, window.at);
  for await (const whole of snapshot.history(window.at, { place: 'evaluation' })) {
    refuseLater(whole, day);
    collect.add(sampled(whole, sample));
  }
  const [added, skipped] = [new Map<number, number[]>(), new Map<number, number[]>()];
  const from = daysSinceEpoch(window.from);
  for await (const batch of snapshot.history(window.to, { after: window.at, place: 'evaluation' })) {
    const { customer, product, days, closed } = sampled(batch, sample);
    for (let i = 0; i < customer.length; i++) {
      // closed by the end of the window or not, it was bought; closed before it was opened, it was never held
      if (closed[i]! < days[i]!) continue;
      const target = days[i]! > from ? added : skipped;
      const list = target.get(customer[i]!);
      if (list === undefined) target.set(customer[i]!, [product[i]!]);
      else list.push(product[i]!);
    }
  }
  return { window, customers, products, csr, holds, acquisitions: collect.finish(), added, skipped };
}
