import { AppError, type Csr, CsrBuilder, type KernelPool } from '@basketwise/core';
import type { HoldingBatch, Product, Snapshot } from '@basketwise/data';
import { undated } from '@basketwise/data';
import type { CampaignPlan } from '../campaigns/plan.ts';
import { daysSinceEpoch, minusSpan, spanDays } from '../config/plain-date.ts';
import type { Config } from '../config/schema.ts';
import { holdersByProduct } from '../stages/workshop.ts';
import type { EvaluationWindow } from './windows.ts';

/** Something that a customer acquired, with where his own holdings lie in the stream's order. */
interface Event {
  customer: number;
  product: number;
  /** What he held before, as (product, band) at that time. */
  before: readonly { product: number; band: number }[];
}

/** The bank as it was known on a date: nothing in it is later. */
export interface BankAt {
  window: EvaluationWindow;
  customers: number;
  products: readonly Product[];
  csr: Csr;
  holds: ReadonlyMap<string, Uint8Array>;
  /** Acquisitions of the year before the date. */
  events: readonly Event[];
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

/** Loads holdings as of a window's date, the year's acquisitions before it, and what was acquired in the window. */
export async function loadBankAt(
  pool: KernelPool,
  snapshot: Snapshot,
  config: Config,
  plans: readonly CampaignPlan[],
  window: EvaluationWindow,
): Promise<BankAt> {
  const products = await snapshot.products();
  const customers = snapshot.customerCount;
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
  const events: Event[] = [];
  const since = daysSinceEpoch(minusSpan(window.at, { months: 12, days: 0 }));
  const limits = spans.map(spanDays);
  const collect = new EventCollector(events, since, limits);
  for await (const batch of snapshot.holdings(window.at, { place: 'evaluation' })) {
    refuseLater(batch, day);
    builder.add(batch);
    collect.add(batch);
    for (let i = 0; i < batch.customer.length; i++) {
      for (const flags of holdsOf[batch.product[i]!]!) flags[batch.customer[i]!] = 1;
    }
  }
  collect.flush();
  const csr = await builder.finish();
  const [added, skipped] = [new Map<number, number[]>(), new Map<number, number[]>()];
  const from = daysSinceEpoch(window.from);
  for await (const { customer, product, days } of snapshot.holdings(window.to, { place: 'evaluation' })) {
    for (let i = 0; i < customer.length; i++) {
      if (days[i]! <= day) continue;
      const target = days[i]! > from ? added : skipped;
      const list = target.get(customer[i]!);
      if (list === undefined) target.set(customer[i]!, [product[i]!]);
      else list.push(product[i]!);
    }
  }
  return { window, customers, products, csr, holds, events, added, skipped };
}

/** Turns holdings, which come ordered by customer, into acquisitions with what was held before each. */
class EventCollector {
  #customer = -1;
  #held: { product: number; day: number }[] = [];
  readonly #events: Event[];
  readonly #since: number;
  readonly #limits: readonly number[];

  constructor(events: Event[], since: number, limits: readonly number[]) {
    this.#events = events;
    this.#since = since;
    this.#limits = limits;
  }

  add({ customer, product, days }: HoldingBatch): void {
    for (let i = 0; i < customer.length; i++) {
      if (customer[i] !== this.#customer) {
        this.flush();
        this.#customer = customer[i]!;
      }
      this.#held.push({ product: product[i]!, day: days[i]! });
    }
  }

  /** Ends the customer at hand. */
  flush(): void {
    for (const { product, day } of this.#held) {
      if (day === undated || day <= this.#since) continue;
      const before = this.#held
        .filter((held) => held.day < day)
        .map((held) => ({
          product: held.product,
          band: this.#bandOf(held.day === undated ? Number.POSITIVE_INFINITY : day - held.day),
        }));
      this.#events.push({ customer: this.#customer, product, before });
    }
    this.#held = [];
  }

  #bandOf(age: number): number {
    const band = this.#limits.findIndex((limit) => age <= limit);
    return band < 0 ? this.#limits.length : band;
  }
}
