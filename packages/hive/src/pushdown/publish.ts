import type { CampaignResults } from '@basketwise/core';
import { localRows, queryRows, writeJoinedResults, writeResults } from '@basketwise/data';
import {
  type LearnedCampaign,
  listCampaign,
  planCampaigns,
  type StageResult,
  suppressedFile,
  writeSuppressed,
  writtenAs,
} from '@basketwise/pipeline';
import type { BankSource, CampaignPlan, PublishedCampaign } from '@basketwise/recommend';
import { unitsFile } from './baskets.ts';
import { unitsQuery } from './campaign-bank.ts';
import { campaignUnits } from './facts.ts';
import type { HiveRun } from './hive-run.ts';

/**
 * Name of the file with the lists of all campaigns. Its columns are those of recommendations.parquet, with the basket row instead
 * of the customer.
 */
const listsName = 'lists';

/** SQL relation of the file of lists, to put after FROM. */
export function listsRelation({ context }: HiveRun, text: (value: string) => string): string {
  return `read_parquet(${text(context.folder.file(`${listsName}.parquet`))})`;
}

/** SQL relation of the lists with the columns of recommendations, and `customers`: how many customers each row stands for. */
function weightedLists(hiveRun: HiveRun, text: (value: string) => string): string {
  const units = `read_parquet(${text(hiveRun.context.folder.file(unitsFile))})`;
  return `(SELECT l.*, u.customers FROM ${listsRelation(hiveRun, text)} l JOIN ${units} u ON u.campaign = l.campaign AND u.unit = l.customer)`;
}

/**
 * Scores the basket rows of every campaign, and writes their lists. If the config wants files, also writes the lists of
 * customers.
 */
export async function publishFromUnits(
  hiveRun: HiveRun,
  bank: BankSource,
  learned: readonly LearnedCampaign[],
): Promise<StageResult<PublishedCampaign[]>> {
  const { context } = hiveRun;
  const published: PublishedCampaign[] = [];
  await writeServerLists(hiveRun, bank, learned, published);
  const files = await joinHere(
    hiveRun,
    learned.map(({ plan }) => plan),
  );
  await writeSuppressed(context, published);
  return { files: [`${listsName}.parquet`, ...files, suppressedFile], summary: published };
}

async function writeServerLists(
  { context }: HiveRun,
  bank: BankSource,
  learned: readonly LearnedCampaign[],
  published: PublishedCampaign[],
): Promise<void> {
  const snapshot = await context.snapshot();
  const { engine } = snapshot;
  async function* campaigns(): AsyncGenerator<CampaignResults> {
    for (const campaign of learned) {
      const { name } = campaign.plan;
      const scored = await listCampaign(context, bank, campaign);
      published.push({ campaign: name, ...scored.counts });
      const ids = engine.temporaryTable();
      const units = unitsQuery(context, engine.dialect.text, name);
      await engine.run(
        `CREATE TABLE ${ids} AS SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS customer, unit AS id FROM (${units})`,
      );
      yield { ...scored.results, ids };
      await engine.run(`DROP TABLE ${ids}`);
    }
  }
  const { signal, folder } = context;
  const pool = await context.pool();
  await writeResults(snapshot, campaigns(), { folder: folder.path, name: listsName, formats: ['parquet'], pool, signal });
}

/** Fetches the basket row of each customer, and writes the recommendations of customers to files. */
async function joinHere(hiveRun: HiveRun, plans: readonly CampaignPlan[]): Promise<string[]> {
  const { context, hive, tables } = hiveRun;
  const { config } = context.settings;
  const { formats } = config.output;
  if (formats.length === 0) return [];
  const { engine, products } = await context.snapshot();
  const known = await products();
  const units: { campaign: string; name: string; item: string }[] = [];
  for (const [i, plan] of plans.entries()) {
    const { unit, member } = await campaignUnits(hiveRun, plan, known);
    units.push({ campaign: plan.name, name: `unit_${i}`, item: `CASE WHEN ${member} THEN ${unit} END AS unit_${i}` });
  }
  const select = `SELECT customer, ${units.map(({ item }) => item).join(', ')} FROM ${tables.named('facts')}`;
  context.tell('fetching customers for the files');
  const members = await hiveRun.counted('customers for the files', () =>
    localRows(hive, engine, select, ['customer', ...units.map(({ name }) => name)], hiveRun.at('output.formats')),
  );
  const lists = {
    lists: listsRelation(hiveRun, engine.dialect.text),
    members: units.map(({ campaign, name }) => ({ campaign, from: `(SELECT customer, ${name} AS unit FROM ${members})` })),
  };
  const { signal, folder } = context;
  await writeJoinedResults(engine, lists, { ...writtenAs(config.output), folder: folder.path, signal });
  await engine.run(`DROP TABLE ${members}`);
  return formats.map((format) => `recommendations.${format}`);
}

/** For each campaign, counted from its lists and the customers of each basket row: rows, customers, and the sum of ranks. */
export async function countPublished(
  hiveRun: HiveRun,
): Promise<{ campaign: string; rows: number; customers: number; ranks: number }[]> {
  const { engine } = await hiveRun.context.snapshot();
  const sql =
    'SELECT campaign, CAST(sum(customers) AS DOUBLE) AS rows, CAST(sum(CASE WHEN rank = 1 THEN customers END) AS DOUBLE) AS customers,' +
    ` CAST(sum(customers * rank) AS DOUBLE) AS ranks FROM ${weightedLists(hiveRun, engine.dialect.text)} GROUP BY campaign`;
  const found = new Map((await queryRows(engine, sql)).map((row) => [row.campaign, row]));
  return planCampaigns(hiveRun.context.settings.config).map(({ name }) => {
    const { rows = 0, customers = 0, ranks = 0 } = found.get(name) ?? {};
    return { campaign: name, rows: Number(rows), customers: Number(customers), ranks: Number(ranks) };
  });
}
