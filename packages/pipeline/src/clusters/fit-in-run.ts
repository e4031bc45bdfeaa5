import type { PlainDate } from '@basketwise/core/parts';
import { fitClusters } from './clusters.ts';
import type { ClusterContext } from './customer-rows.ts';
import type { FittedClusters } from './method.ts';
import type { ClusterScheme } from './scheme.ts';

/** The cost curve of a fit for the report; computed if there is a report, even if the config names k. */
const reportedTrials = { from: 2, to: 12, choose: 'elbow', sample: 5_000 } as const;

/** Fits a scheme in a run: with a report, computes a cost curve, which has the run's date and is saved with the model. */
export async function fitInRun(
  clustering: ClusterContext,
  scheme: ClusterScheme,
  { report, date }: { report: boolean; date: PlainDate },
): Promise<FittedClusters> {
  const { model, assignment } = await fitClusters(clustering, scheme, report ? reportedTrials : undefined);
  const choice = model.choice && { ...model.choice, fittedOn: date };
  return { model: { ...model, choice }, assignment };
}
