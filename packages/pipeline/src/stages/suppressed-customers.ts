import { appendColumns, type DuckdbEngine } from '@basketwise/data';
import { type CampaignTable, noProductLeft } from '@basketwise/recommend';
import type { RunContext } from './run-context.ts';

/** File of the target customers who are excluded from campaigns, each with the reason. It is written if the config wants it. */
export const suppressedCustomersFile = 'suppressed-customers.parquet';

/** Collects the excluded target customers of each campaign. They fail a rule, or no recommendable product is left for them. */
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
   * Adds the excluded target customers of a campaign. A customer has a row for each reason of a failed rule. A customer who fails
   * no rule but has no list has the reason `NO_PRODUCT_LEFT`.
   * @param unit i32[customers]: -1 for customers without a list
   */
  async add({ plan, groups, basketOf }: CampaignTable, unit: Int32Array): Promise<void> {
    const { rules } = this.#context.settings.config;
    const campaign = this.#campaigns.push(plan.name) - 1;
    const found: Record<'campaign' | 'customer' | 'reason', number[]> = { campaign: [], customer: [], reason: [] };
    const targets = groups.filter(({ target }) => target);
    for (const [customer, row] of basketOf.entries()) {
      // A linear search suffices, because groups are few. The basket rows of a group are adjacent.
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
   * Writes rows (customer, campaign, reason). They are sorted by campaign as in the config, then by the bytes of the customer's
   * id, then by rule as in the config.
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
