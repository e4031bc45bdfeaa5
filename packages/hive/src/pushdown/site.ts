import { type SegmentTable, segmentLabels } from '@basketwise/clusters';
import { minusSpan, type PlainDate, required } from '@basketwise/core';
import type { PublishedCounts, SnapshotManifest } from '@basketwise/data';
import {
  planCampaigns,
  type RunContext,
  reportSegments,
  requestTo,
  type Site,
  type Source,
  type StageResult,
} from '@basketwise/pipeline';
import { recentSpan } from '@basketwise/recommend';
import { hivePublicationOf } from '../publication.ts';
import { bringRows } from '../server/bring.ts';
import { condenseInHive } from '../server/condense.ts';
import { publishedColumns, publishRowsToHive, type RowsToPublish } from '../server/publish.ts';
import { fetchBaskets } from './baskets.ts';
import { clusterInHive } from './cluster.ts';
import { campaignUnits } from './facts.ts';
import { featuresInHive } from './features.ts';
import { HiveRun } from './hive-run.ts';
import { countPublished, listsRelation, publishFromUnits } from './publish.ts';
import { pushdownBank } from './window-bank.ts';

/** Stages of a run whose customers and holdings stay in Hive or Spark. Only distinct baskets, and counts, are fetched. */
export function pushdownSite(context: RunContext): Site {
  const hiveRun = new HiveRun(context);
  return {
    extract: (source, { dates }) => extractInHive(hiveRun, source, dates),
    features: () => featuresInHive(hiveRun),
    segment: (previous) => segmentInHive(hiveRun, previous),
    cluster: (previous) => clusterInHive(hiveRun, previous),
    baskets: (clusters) => fetchBaskets(hiveRun, clusters),
    bank: async () => pushdownBank(hiveRun),
    publish: (bank, campaigns) => publishFromUnits(hiveRun, bank, campaigns),
    // The checks of the config ensure that this is the server of the customers.
    publishTo: () => publishInHive(hiveRun),
    end: () => hiveRun.dropTables(),
    manifestFacts: async () => ({ fetched: await hiveRun.fetched() }),
    close: () => hiveRun.close(),
  };
}

/**
 * Fetches products and counts for a pushdown run. All other data become tables of the run in Hive.
 * @param dates dates as of which features are read
 */
async function extractInHive(
  hiveRun: HiveRun,
  source: Source,
  dates: readonly PlainDate[],
): Promise<StageResult<SnapshotManifest>> {
  const { context, hive, tables, counted } = hiveRun;
  const { settings, referenceDate, folder, signal, tell } = context;
  const request = {
    ...requestTo(source, settings.config, referenceDate, { dates, tableDate: referenceDate, kept: [] }),
    cutoffs: settings.config.recency.bands.flatMap(({ within }) => (within ? [minusSpan(referenceDate, within)] : [])),
    recentSince: minusSpan(referenceDate, recentSpan),
  };
  const summary = await counted('counts', () =>
    condenseInHive(request, folder.file('snapshot'), {
      hive,
      workbench: source.workbench,
      tables,
      options: { signal },
      progress: tell,
      counted,
    }),
  );
  return { files: ['products.parquet', 'unknown-products.csv', 'manifest.json'].map((name) => `snapshot/${name}`), summary };
}

/** Publishes to the table that the config names. Sends the lists of basket rows to the server, which joins them to customers. */
async function publishInHive(hiveRun: HiveRun): Promise<readonly PublishedCounts[]> {
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

/** Stage that counts the customers of each segment in Hive. The segments of single customers are not fetched. */
async function segmentInHive(hiveRun: HiveRun, previous?: string): Promise<StageResult<SegmentTable>> {
  const { context, hive, tables } = hiveRun;
  const { segments } = context.settings.config;
  const relation = { engine: hive, labels: segmentLabels(hive.dialect, segments, tables.named('customers')) };
  const summary = await hiveRun.counted('counts of segments', () =>
    reportSegments(relation, segments, context.folder.path, previous),
  );
  return { files: ['segments.json', 'segments.txt'], summary };
}
