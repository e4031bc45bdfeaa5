import { required } from '@basketwise/core/parts';
import type { PublishedCounts } from '@basketwise/data';
import { planCampaigns } from '@basketwise/pipeline/parts';
import { hivePublicationOf } from '../publication.ts';
import { bringRows } from '../server/bring.ts';
import { publishedColumns, publishRowsToHive, type RowsToPublish } from '../server/publish.ts';
import { campaignUnits } from './facts.ts';
import type { HiveRun } from './hive-run.ts';
import { countPublished, listsRelation } from './publish.ts';

/** Publishes to the table that the config names. Sends the lists of basket rows to the server, which joins them to customers. */
export async function publishInHive(hiveRun: HiveRun): Promise<readonly PublishedCounts[]> {
  const { context, hive } = hiveRun;
  await bringLists(hiveRun);
  return await hiveRun.counted('counts of what was published', async () =>
    publishRowsToHive(hive, await rowsOf(hiveRun), hivePublicationOf(context, hiveRun.server), {
      signal: context.signal,
      step: (step, campaign) => context.tell(campaign ? `${step} ${campaign}` : step),
    }),
  );
}

/**
 * Sends the lists to a table of the run. Its columns are the published ones, with `unit` (the basket row) instead of the
 * customer, and the campaign.
 */
async function bringLists(hiveRun: HiveRun): Promise<void> {
  const { context, hive, tables } = hiveRun;
  const { engine } = await context.snapshot();
  const { table, shared, publisher } = hivePublicationOf(context, hiveRun.server);
  const { customer: _, ...others } = publishedColumns;
  const columns = { unit: 'string', campaign: 'string', ...others };
  const options = hiveRun.at(`output.${hiveRun.server}.table ${table}`);
  const lists = await tables.declare('lists', columns, options);
  const { identifier } = engine.dialect;
  const items = Object.entries(columns).map(([name, type]) => {
    const source = name === 'unit' ? 'customer' : name;
    return `CAST(${identifier(source)} AS ${type === 'string' ? 'VARCHAR' : type}) AS ${identifier(name)}`;
  });
  const select = `SELECT ${items.join(', ')} FROM ${listsRelation(hiveRun, engine.dialect.text)}`;
  await bringRows(hive, engine, select, { table: lists, columns, shared, publisher }, options);
}

async function rowsOf(hiveRun: HiveRun): Promise<RowsToPublish> {
  const { context, hive, tables } = hiveRun;
  const { config } = context.settings;
  const plans = new Map(planCampaigns(config).map((plan) => [plan.name, plan]));
  const products = await (await context.snapshot()).products();
  const columns = Object.keys(publishedColumns).map(
    (name) => `${name === 'customer' ? 'f' : 'l'}.${hive.dialect.identifier(name)}`,
  );
  return {
    counts: () => countPublished(hiveRun),
    async fill(campaign, table, partition, options) {
      const { unit, member } = await campaignUnits(hiveRun, required(plans, campaign), products);
      const facts = `(SELECT customer, ${unit} AS unit FROM ${tables.named('facts')} WHERE ${member})`;
      const lists = `(SELECT * FROM ${tables.named('lists')} WHERE campaign = ${hive.dialect.text(campaign)})`;
      const select = `SELECT ${columns.join(', ')} FROM ${facts} f JOIN ${lists} l ON f.unit = l.unit`;
      await hive.run(`INSERT OVERWRITE TABLE ${table} PARTITION ${partition} ${select}`, { ...options, repeatable: true });
    },
  };
}
