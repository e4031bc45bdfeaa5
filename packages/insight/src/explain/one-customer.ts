import { join } from 'node:path';
import { AppError, CsrBuilder, dateOfDay, daysSinceEpoch, noDate } from '@basketwise/core';
import { queryRows } from '@basketwise/data';
import { planCampaigns, runContexts } from '@basketwise/pipeline';
import { type BasketBank, bandCutoffs, type CustomerContexts, holdersByProduct } from '@basketwise/recommend';
import type { ExplainedHolding, FailedRule } from './explanation.ts';
import type { FinishedRun } from './finished-run.ts';

/** All data of one customer in a run, in the form of a bank with this customer only, which the code of the job can read. */
export interface OneCustomer {
  /** Index of the customer in the snapshot. */
  position: number;
  bank: BasketBank;
  clusters: readonly { scheme: string; cluster: number }[];
  holdings: readonly ExplainedHolding[];
  failedRules: readonly FailedRule[];
}

/**
 * Finds a customer in a run.
 * @throws AppError missing-input if the run has no such customer. The message does not repeat the id
 */
export async function findCustomer(run: FinishedRun, id: string): Promise<OneCustomer> {
  const { engine } = run.snapshot;
  const { text } = engine.dialect;
  const outcomes = run.config.rules.map((_, i) => `, rule_${i}`).join('');
  const [row] = await queryRows(engine, `SELECT customer${outcomes} FROM customers WHERE id = ${text(id)}`);
  if (!row) {
    throw new AppError(
      'missing-input',
      `run ${run.name} has no customer with this id`,
      'Ids are text: give it as the customers table has it, with its leading zeros.',
    );
  }
  const file = text(join(run.folder, 'clusters.parquet'));
  const found = await queryRows(engine, `SELECT scheme, cluster FROM read_parquet(${file}) WHERE customer = ${text(id)}`);
  const clusters = found.map(({ scheme, cluster }) => ({ scheme: String(scheme), cluster: Number(cluster) }));
  const failedRules = run.config.rules.flatMap((rule, i): FailedRule[] => {
    const value = row[`rule_${i}`];
    const outcome = value === null ? 'null' : 'false';
    const { reason, class: of = null, products, require } = rule;
    return value === 1 ? [] : [{ reason, class: of, ...(products && { products }), require, outcome }];
  });
  const { holdings, ...held } = await readCustomerHoldings(run, Number(row.customer));
  const bank: BasketBank = {
    ...{ ...held, customers: 1 },
    clusters: new Map(clusters.map(({ scheme, cluster }) => [scheme, { clusters: Int16Array.of(cluster), count: cluster + 1 }])),
    eligible: run.config.rules.map((_, i) => Uint8Array.of(row[`rule_${i}`] === 1 ? 1 : 0)),
    contexts: await contextOf(run, Number(row.customer)),
  };
  return { position: Number(row.customer), bank, clusters, holdings, failedRules };
}

/** Features of the customer in the run. Undefined if models do not rank by features. */
async function contextOf(run: FinishedRun, customer: number): Promise<CustomerContexts | undefined> {
  const contexts = await runContexts(run.folder, run.snapshot, run.config);
  return (await contexts?.at(run.referenceDate, customer)) ?? undefined;
}

async function readCustomerHoldings({ config, referenceDate, snapshot, pool }: FinishedRun, customer: number) {
  const products = await snapshot.products();
  const cutoffs = bandCutoffs(config, referenceDate);
  const holds = new Map(planCampaigns(config).map((plan) => [plan.class, new Uint8Array(1)]));
  const holdsOf = holdersByProduct(products, holds);
  const holdings: ExplainedHolding[] = [];
  const referenceDay = daysSinceEpoch(referenceDate);
  const builder = new CsrBuilder({ pool, customers: 1, products: products.length, referenceDay, cutoffs });
  for await (const { product, days } of snapshot.holdings(referenceDate, { customer })) {
    builder.add({ customer: new Int32Array(product.length), product, days });
    for (const [i, held] of product.entries()) {
      for (const flags of holdsOf[held]!) flags[0] = 1;
      const within = cutoffs.findIndex((day) => days[i]! >= day);
      const band = within < 0 ? cutoffs.length : within;
      const { code, name, class: of } = products[held]!;
      const since = days[i] === noDate ? null : dateOfDay(days[i]!);
      holdings.push({ code, name, class: of, since, band, weight: config.recency.bands[band]!.weight });
    }
  }
  return { products, holds, holdings, csr: await builder.finish() };
}
