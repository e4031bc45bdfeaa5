import { readFile } from 'node:fs/promises';
import { loadModel, type Model, type ModelSpec, modelFromState } from '@basketwise/core/parts';
import type { TrainingSummary } from '@basketwise/recommend';

/** Models of a campaign as saved by its stage. */
export interface CampaignTraining {
  campaign: string;
  /** Fitted spec. For a chosen spec, the ridges of each fit are scaled to its customers. */
  spec: ModelSpec;
  fits: TrainingSummary[];
  warnings: string[];
}

/** Loads one model of a run. @throws AppError bad-data if the file is damaged or belongs to other data */
export async function loadFitted(path: string, dataHash: string): Promise<Model> {
  const { state } = await loadModel(await readFile(path), { dataHash });
  return modelFromState(state);
}
