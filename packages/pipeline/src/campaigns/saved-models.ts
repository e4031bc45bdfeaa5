import { readFile } from 'node:fs/promises';
import { loadModel, type Model, type ModelSpec, modelFromState } from '@basketwise/core';
import type { TrainingSummary } from '@basketwise/recommend';

/** Record of a campaign's training, which training saves beside the models. */
export interface CampaignTraining {
  campaign: string;
  /** Specification of the fitted models. If the run chose it, each fit scales its ridges to the number of customers in the fit. */
  spec: ModelSpec;
  fits: TrainingSummary[];
  warnings: string[];
}

/** Loads one saved model of a run. @throws AppError bad-data if the file is damaged or the model was fitted to other data */
export async function loadFitted(path: string, dataHash: string): Promise<Model> {
  const { state } = await loadModel(await readFile(path), { dataHash });
  return modelFromState(state);
}
