import { basename } from 'node:path';
import { bug, type CampaignResults } from '@basketwise/core';
import { type DuckdbEngine, publishedRelation, writeResults } from '@basketwise/data';
import { type BankSource, noProductLeft, type PublishedCampaign } from '@basketwise/recommend';
import { calibrates } from '../config/campaign-plan.ts';
import { writtenOutput } from '../config/schema.ts';
import { writtenAs } from '../config/written-as.ts';
import { publishedFunnel } from '../report/published-funnel.ts';
import { calibrationParts } from './calibrate.ts';
import { cluster } from './cluster.ts';
import { featureParts } from './features.ts';
import type { Given, StageInputs } from './made-of.ts';
import type { RunContext } from './run-context.ts';
import type { LearnedCampaign, LiveResult } from './site.ts';
import type { Stage } from './stage.ts';
import { SuppressedCustomers, suppressedCustomersFile } from './suppressed-customers.ts';
import { learnedCampaigns, listCampaign, trainingParts } from './train.ts';

export const suppressedFile = 'suppressed.parquet';

/**
 * Stage that scores every campaign and writes the results. If the config has offers, the lists stay in memory for the stage that decides on offers.
 */
export const publish: Stage<PublishedCampaign[], readonly CampaignResults[] | undefined> = {
  name: 'publish',
  madeOf: publicationParts,
  async work({ site, plan: { settings } }, results) {
    return await site.publish(await site.bank(results.of(cluster)), learnedCampaigns(results, settings.config));
  },
};

/** Inputs of the lists: all inputs of models and probabilities, and the keys of the config for scoring and output. */
export async function publicationParts(given: Given): Promise<StageInputs> {
  const { config, campaigns, request } = given;
  const { report: _, ...output } = writtenOutput(config.output);
  const trained = await Promise.all(campaigns.map((one) => trainingParts(one, given)));
  return {
    ...Object.assign({}, ...trained, calibrates(config) ? await calibrationParts(given) : {}),
    ...{ ...featureParts(given), calibrate: calibrates(config), campaigns: config.campaigns },
    ...{ rules: request.rules, recency: config.recency, fallback: config.fallback ?? null, top_n: config.top_n },
    output,
  };
}

/** Scores every campaign of the snapshot and writes the results: recommendations, and numbers of excluded customers by reason. */
export async function publishHere(
  context: RunContext,
  bank: BankSource,
  learned: readonly LearnedCampaign[],
): Promise<LiveResult<PublishedCampaign[], readonly CampaignResults[]>> {
  const published: PublishedCampaign[] = [];
  const lists: CampaignResults[] = [];
  const suppressed = context.settings.config.output.suppressed_customers ? await SuppressedCustomers.open(context) : undefined;
  async function* campaigns(): AsyncGenerator<CampaignResults> {
    for (const campaign of learned) {
      const { name } = campaign.plan;
      const scored = await listCampaign(context, bank, campaign, suppressed);
      published.push({ campaign: name, ...scored.counts });
      if (context.settings.config.offers) lists.push(scored.results);
      context.tell(`writing ${name}`);
      yield scored.results;
    }
  }
  await context.checkIds();
  const written = await writeResults(await context.snapshot(), campaigns(), {
    ...writtenAs(context.settings.config.output),
    ...{ folder: context.folder.path, pool: await context.pool(), signal: context.signal },
  });
  for (const [i, { campaign, rows, customers }] of written.campaigns.entries()) {
    const counts = published[i]!;
    if (rows === counts.rows && customers === counts.served) continue;
    const found = `${rows} rows of ${customers} customers written, ${counts.rows} rows of ${counts.served} scored`;
    throw bug(`campaign ${campaign}: ${found}`);
  }
  await writeSuppressed(context, published);
  await suppressed?.write();
  const files = [
    ...written.files.map((file) => basename(file)),
    suppressedFile,
    ...(suppressed ? [suppressedCustomersFile] : []),
  ];
  return { files, summary: published, ...(context.settings.config.offers && { live: lists }) };
}

/**
 * Writes rows (campaign, reason, customers) to suppressed.parquet: numbers of target customers who are excluded. The reason is the rule that they
 * fail, or that no recommendable product is left. Numbers of 1 to 9 are null. The manifest, which is not published, has the exact numbers.
 */
export async function writeSuppressed(context: RunContext, published: readonly PublishedCampaign[]): Promise<void> {
  const { text } = (await context.snapshot()).engine.dialect;
  const rows = published.flatMap((counts) => {
    const { suppressed, unserved } = publishedFunnel(counts);
    const reasons = { ...suppressed, ...(counts.unserved[noProductLeft] ? { [noProductLeft]: unserved[noProductLeft]! } : {}) };
    return Object.entries(reasons).map(
      ([reason, customers]) => `(${text(counts.campaign)}, ${text(reason)}, CAST(${customers ?? 'NULL'} AS BIGINT))`,
    );
  });
  const none = "(CAST('' AS VARCHAR), CAST('' AS VARCHAR), CAST(0 AS BIGINT))";
  const values = rows.length > 0 ? rows.join(', ') : none;
  const where = rows.length > 0 ? '' : ' WHERE false';
  const query = `SELECT * FROM (VALUES ${values}) AS suppressed(campaign, reason, customers)${where}`;
  await context.copyToParquet(query, suppressedFile);
}

/** SQL relation of a run's recommendations or offers, in one of the formats that the run has written. Without rows if the run withdraws them. */
export function publishedTable(
  { settings, folder, withdraws }: RunContext,
  { dialect }: DuckdbEngine,
  name?: 'recommendations' | 'offers',
): string {
  const rows = publishedRelation(dialect, folder.path, settings.config.output, name);
  return withdraws ? `(SELECT * FROM ${rows} WHERE false)` : rows;
}
