import type { Core } from '@basketwise/core';
import type { CampaignModels, ScorePlaces, ScoreSample } from '@basketwise/recommend';
import type { BankCampaign } from './bank.ts';

/** Loaded models of a campaign, with the score quantiles for its probabilities. */
export interface CampaignAdvice {
  campaign: BankCampaign;
  models: CampaignModels;
  /**
   * Scores of the run's lists, by cluster. Key -1 is for customers without a cluster. If the run had only customers with a cluster, key -1 has the
   * scores of all clusters.
   */
  places: ReadonlyMap<number, ScorePlaces>;
}

/** Loads the models and scores of a campaign. @param read returns the bytes of a file of the bank */
export async function loadAdvice(
  core: Core,
  campaign: BankCampaign,
  read: (file: string) => Promise<ArrayBuffer>,
): Promise<CampaignAdvice> {
  const byCluster = new Map<number, CampaignModels['all'] & object>();
  let all: CampaignModels['all'] = null;
  const [scores] = await Promise.all([
    read(campaign.places.file),
    ...campaign.models.map(async ({ cluster, file }) => {
      const { model } = await core.load(new Uint8Array(await read(file)));
      if (cluster === null) all = model;
      else byCluster.set(cluster, model);
    }),
  ]);
  return { campaign, models: { kind: campaign.fitted, byCluster, all }, places: placesIn(scores, campaign) };
}

function placesIn(bytes: ArrayBuffer, { places: { clusters } }: BankCampaign): Map<number, ScorePlaces> {
  const places = new Map<number, ScorePlaces>();
  let at = 0;
  const read = (count: number): ScoreSample => {
    const scores = Float64Array.from(new Float32Array(bytes, at, count));
    const below = new Float64Array(count + 1);
    below.set(new Uint32Array(bytes, at + 4 * count, count), 1);
    at += 8 * count;
    return { scores, below };
  };
  for (const { cluster, holding, empty } of clusters) places.set(cluster, { holding: read(holding), empty: read(empty) });
  if (!places.has(-1)) {
    const all = [...places.values()];
    places.set(-1, { holding: merge(all.map(({ holding }) => holding)), empty: merge(all.map(({ empty }) => empty)) });
  }
  return places;
}

/** Merges the samples of several clusters into one. */
function merge(samples: readonly ScoreSample[]): ScoreSample {
  const all = samples.flatMap(({ scores, below }) =>
    Array.from(scores, (score, i) => ({ score, met: below[i + 1]! - below[i]! })),
  );
  all.sort((a, b) => a.score - b.score);
  const below = new Float64Array(all.length + 1);
  for (const [i, { met }] of all.entries()) below[i + 1] = below[i]! + met;
  return { scores: Float64Array.from(all, ({ score }) => score), below };
}
