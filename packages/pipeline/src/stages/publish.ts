import { basename } from 'node:path';
import { AppError } from '@basketwise/core';
import {
  type BankSource,
  type CampaignCalibration,
  type CampaignPlan,
  type CampaignResults,
  listNow,
  noProductLeft,
  type PublishedCampaign,
  type ScoredCampaign,
} from '@basketwise/core/advice';
import { writeResults } from '@basketwise/data';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import { planCampaigns } from '../config/campaign-plan.ts';
import { writtenAs } from '../config/written-as.ts';
import { publishedFunnel } from '../report/published-funnel.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';
import { SuppressedCustomers, suppressedCustomersFile } from './suppressed-customers.ts';
import { loadModels } from './train-stage.ts';

export const suppressedFile = 'suppressed.parquet';

/** Scores every campaign and writes the results: recommendations and who was left out for which reason. */
export async function publishResults(
  context: RunContext,
  bank: BankSource,
  trainings: readonly CampaignTraining[],
  calibrations: readonly CampaignCalibration[],
): Promise<StageResult<PublishedCampaign[]>> {
  const published: PublishedCampaign[] = [];
  const suppressed = context.settings.config.output.suppressed_customers ? await SuppressedCustomers.open(context) : undefined;
  async function* campaigns(): AsyncGenerator<CampaignResults> {
    for (const [i, plan] of planCampaigns(context.settings.config).entries()) {
      const scored = await scorePlan(context, bank, plan, trainings[i]!, calibrations[i] ?? null, suppressed);
      published.push({ campaign: plan.name, ...scored.counts });
      if (context.settings.config.offers) context.scored.set(plan.name, scored.results);
      context.tell(`writing ${plan.name}`);
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
    throw new AppError('bug', `campaign ${campaign}: ${found}`, 'Report this with the log.');
  }
  await writeSuppressed(context, published);
  await suppressed?.write();
  const files = [
    ...written.files.map((file) => basename(file)),
    suppressedFile,
    ...(suppressed ? [suppressedCustomersFile] : []),
  ];
  return { files, summary: published };
}

/**
 * Makes the lists of a campaign.
 * @param suppressed hears who is left out
 */
export async function scorePlan(
  context: RunContext,
  bank: BankSource,
  plan: CampaignPlan,
  training: CampaignTraining,
  calibration: CampaignCalibration | null,
  suppressed?: SuppressedCustomers,
): Promise<ScoredCampaign> {
  const learned = { models: await loadModels(context, training), calibration };
  return listNow(bank, plan, learned, await context.tools(), async (table, { results }) => suppressed?.add(table, results.unit));
}

/**
 * Writes (campaign, reason, customers): target customers by the rule that they fail, and those for whom nothing is left; null where they are
 * fewer than 10. The manifest, which nobody publishes, has the exact numbers.
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
