import { appendColumns, type DuckdbEngine } from '@basketwise/data';
import { type CampaignTable, noProductLeft } from '@basketwise/recommend';
import type { RunContext } from './run-context.ts';

/** File of the excluded target customers of campaigns, each with the reason. Written if the config wants it. */
export const suppressedCustomersFile = 'suppressed-customers.parquet';

/** Collects, campaign by campaign, target customers that a rule excludes, or without a recommendable product left. */
export class SuppressedCustomers {
  readonly #context: RunContext;
  readonly #engine: DuckdbEngine;
  readonly #rows: string;
  readonly #campaigns: string[] = [];
  readonly #reasons: string[];

  private constructor(context: RunContext, engine: DuckdbEngine, rows: string) {
    this.#context = context;
    this.#engine = engine;
    this.#rows = rows;
    this.#reasons = [...new Set([...context.settings.config.rules.map(({ reason }) => reason), noProductLeft])];
  }

  static async open(context: RunContext): Promise<SuppressedCustomers> {
    const { engine } = await context.snapshot();
    const rows = engine.temporaryTable();
    await engine.run(`CREATE TABLE ${rows} (campaign INTEGER, customer INTEGER, reason INTEGER)`);
    return new SuppressedCustomers(context, engine, rows);
  }

  /**
   * Adds the excluded customers of a campaign: each reason of the rules that a target fails.
   * Targets who fail none and have no list get `NO_PRODUCT_LEFT`.
   * @param unit i32[customers]: -1 for customers without a list
   */
  async add({ plan, groups, basketOf }: CampaignTable, unit: Int32Array): Promise<void> {
    const { rules } = this.#context.settings.config;
    const campaign = this.#campaigns.push(plan.name) - 1;
    const found: Record<'campaign' | 'customer' | 'reason', number[]> = { campaign: [], customer: [], reason: [] };
    const targets = groups.filter(({ target }) => target);
    for (const [customer, row] of basketOf.entries()) {
      // Rows of a group are adjacent, and groups are few.
      const group = targets.find(({ range }) => row >= range.from && row < range.to);
      if (!group) continue;
      const failed = [...new Set(group.failed.map((rule) => rules[rule]!.reason))];
      for (const reason of failed.length === 0 && unit[customer]! < 0 ? [noProductLeft] : failed) {
        found.campaign.push(campaign);
        found.customer.push(customer);
        found.reason.push(this.#reasons.indexOf(reason));
      }
    }
    const columns = Object.values(found).map((values) => ({ values: Int32Array.from(values) }));
    await appendColumns(this.#engine, this.#rows, found.customer.length, columns);
  }

  /**
   * Writes (customer, campaign, reason): campaigns as in the config, customers by the bytes of their id, rules as in the config.
   */
  async write(): Promise<void> {
    const { text } = this.#engine.dialect;
    const id = await this.#context.publishedId('c.id');
    const named = (names: readonly string[], at: string) => `CAST([${names.map(text).join(', ')}][${at} + 1] AS VARCHAR)`;
    const campaign = named(this.#campaigns, 'r.campaign');
    const reason = named(this.#reasons, 'r.reason');
    await this.#context.copyToParquet(
      `SELECT ${id} AS customer, ${campaign} AS campaign, ${reason} AS reason FROM ${this.#rows} r JOIN customers c USING (customer) ORDER BY r.campaign, r.customer, r.reason`,
      suppressedCustomersFile,
    );
    await this.#engine.run(`DROP TABLE ${this.#rows}`);
  }
}
