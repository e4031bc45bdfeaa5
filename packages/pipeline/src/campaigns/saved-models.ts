import { readFile } from 'node:fs/promises';
import { loadModel, type Model, type ModelSpec, modelFromState } from '@basketwise/core/parts';
import type { TrainingSummary } from '@basketwise/recommend';

/** The models of a campaign, as its stage leaves them. */
export interface CampaignTraining {
  campaign: string;
  /** Spec that was fitted; where it was chosen, the ridges of each fit are scaled to its customers. */
  spec: ModelSpec;
  fits: TrainingSummary[];
  warnings: string[];
}

/** Loads one model of a run. @throws AppError bad-data where the file is damaged or of other data */
export async function loadFitted(path: string, dataHash: string): Promise<Model> {
  const { state } = await loadModel(await readFile(path), { dataHash });
  return modelFromState(state);
}
