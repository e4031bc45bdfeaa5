import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { type DatedBank, withEngine } from './dated-bank.ts';

/** Lists that a run published. */
export interface PublishedLists {
  /** Products by campaign and customer, the first first. */
  listOf(campaign: string, customer: number): readonly number[];
  /** Visits each row that has a probability: of a campaign, to a customer, of a product. */
  forEachProbability(visit: (campaign: string, customer: number, product: number, probability: number) => void): void;
}

/** Runs the whole job of a checkout on a config as of a day. @throws Error with what it said */
export function runJob(checkout: string, config: string, date: string): void {
  const program = join(checkout, 'packages/cli/bin/basketwise.js');
  const { status, stderr } = spawnSync(process.execPath, [program, 'run', '-c', config, '--reference-date', date], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${program} run ended with ${status}: ${stderr.slice(-2000)}`);
}

/** Reads what the latest run of an output folder published. */
export function readLists(output: string, { ids, products }: DatedBank): Promise<PublishedLists> {
  const numberOf = new Map(ids.map((id, at) => [id, at]));
  const productOf = new Map(products.map(({ name }, at) => [name, at]));
  return withEngine(join(output, 'latest'), async (engine) => {
    const lists = new Map<string, Map<number, number[]>>();
    const rows: [campaign: string, customer: number, product: number, probability: number][] = [];
    const sql = `select customer, campaign, rank, product_name, probability::double as probability from 'recommendations.parquet' where rank <= 5`;
    for await (const { columns, nulls, rows: count } of engine.query(sql)) {
      for (let row = 0; row < count; row++) {
        const campaign = String(columns.campaign![row]);
        const customer = required(numberOf, String(columns.customer![row]));
        const product = required(productOf, String(columns.product_name![row]));
        const ofCampaign = lists.get(campaign) ?? new Map<number, number[]>();
        lists.set(campaign, ofCampaign);
        const list = ofCampaign.get(customer) ?? [];
        ofCampaign.set(customer, list);
        list[Number(columns.rank![row]) - 1] = product;
        if (nulls.probability?.[row] !== 1) rows.push([campaign, customer, product, Number(columns.probability![row])]);
      }
    }
    return {
      listOf: (campaign, customer) => lists.get(campaign)?.get(customer) ?? [],
      forEachProbability: (visit) => {
        for (const row of rows) visit(...row);
      },
    };
  });
}
