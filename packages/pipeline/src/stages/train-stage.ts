import { type Model, saveModel } from '@basketwise/core';
import type { Bank } from '../campaigns/bank.ts';
import { type CampaignTable, makeBaskets } from '../campaigns/baskets.ts';
import type { CampaignPlan } from '../campaigns/plan.ts';
import { type CampaignTraining, loadFitted } from '../campaigns/saved-models.ts';
import { type CampaignModels, trainCampaign, type WantedModel } from '../campaigns/train.ts';
import { makeFolder, writeWhole } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { Workshop } from './workshop.ts';

/** Does something with a campaign's baskets; kernel memory is as before afterwards. */
export async function withBaskets<T>(
  workshop: Workshop,
  bank: Bank,
  plan: CampaignPlan,
  use: (table: CampaignTable) => Promise<T>,
): Promise<T> {
  const { memory } = await workshop.pool();
  const mark = memory.mark();
  try {
    return await use(await makeBaskets(workshop, bank, plan));
  } finally {
    memory.release(mark);
  }
}

/** Fits the models of a campaign and saves them. */
export function trainStage(
  workshop: Workshop,
  bank: Bank,
  plan: CampaignPlan,
  wanted: WantedModel,
): Promise<StageResult<CampaignTraining>> {
  return withBaskets(workshop, bank, plan, async (table) => {
    const { models, fits, warnings } = await trainCampaign(workshop, bank, table, wanted, (done, of) =>
      workshop.tell(`model ${done + 1} of ${of}`),
    );
    const { dataHash } = (await workshop.snapshot()).manifest;
    await makeFolder(workshop.folder.file('models'));
    for (const { cluster, file } of fits) {
      const model = cluster === null ? models.all! : models.byCluster.get(cluster)!;
      await writeWhole(workshop.folder.file(file), await saveModel(model.state(), { dataHash }));
    }
    return { files: fits.map(({ file }) => file), summary: { campaign: plan.name, spec: wanted.spec, fits, warnings } };
  });
}

/** Loads the models that `trainStage` saved. @throws AppError bad-data where a file is damaged or of other data */
export async function loadModels(workshop: Workshop, { spec, fits }: CampaignTraining): Promise<CampaignModels> {
  const { dataHash } = (await workshop.snapshot()).manifest;
  const byCluster = new Map<number, Model>();
  let all: Model | null = null;
  for (const { cluster, file } of fits) {
    const model = await loadFitted(workshop.folder.file(file), dataHash);
    if (cluster === null) all = model;
    else byCluster.set(cluster, model);
  }
  return { kind: spec.kind, byCluster, all };
}
