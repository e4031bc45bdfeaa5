import { type Model, required, saveModel } from '@basketwise/core';
import { type BankSource, type CampaignModels, type CampaignPlan, trainNow, type WantedModel } from '@basketwise/core/advice';
import { trainedOn } from '@basketwise/data';
import { type CampaignTraining, loadFitted } from '../campaigns/saved-models.ts';
import { makeFolder, writeWhole } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';

/** Fits the models of a campaign and saves them. */
export async function trainStage(
  context: RunContext,
  bank: BankSource,
  plan: CampaignPlan,
  wanted: WantedModel,
): Promise<StageResult<CampaignTraining>> {
  const { models, fits, warnings } = await trainNow(bank, plan, wanted, await context.tools());
  const dataHash = trainedOn((await context.snapshot()).manifest);
  await makeFolder(context.folder.file(`models/campaigns/${plan.name}`));
  for (const { cluster, file } of fits) {
    const model = cluster === null ? models.all! : required(models.byCluster, cluster);
    await writeWhole(context.folder.file(file), await saveModel(model.state(), { dataHash }));
    context.fitted.set(file, model);
  }
  return { files: fits.map(({ file }) => file), summary: { campaign: plan.name, spec: wanted.spec, fits, warnings } };
}

/** Takes the models as `trainStage` left them, else from the files that it saved. @throws AppError bad-data where a file is damaged or of other data */
export async function loadModels(context: RunContext, { spec, fits }: CampaignTraining): Promise<CampaignModels> {
  const dataHash = trainedOn((await context.snapshot()).manifest);
  const byCluster = new Map<number, Model>();
  let all: Model | null = null;
  for (const { cluster, file } of fits) {
    const model = context.fitted.get(file) ?? (await loadFitted(context.folder.file(file), dataHash));
    context.fitted.delete(file);
    if (cluster === null) all = model;
    else byCluster.set(cluster, model);
  }
  return { kind: spec.kind, byCluster, all };
}
