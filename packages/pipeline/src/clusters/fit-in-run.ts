import type { PlainDate } from '@basketwise/core/parts';
import { fitClusters } from './clusters.ts';
import type { ClusterContext } from './customer-rows.ts';
import type { FittedClusters } from './method.ts';
import type { ClusterScheme } from './scheme.ts';

/** The cost curve that a fit leaves for the report, where there is one, though the config names k. */
const reportedTrials = { from: 2, to: 12, choose: 'elbow', sample: 5_000 } as const;

/** Fits a scheme as a run does: where there is a report, with a cost curve, which bears the run's date and stays with the model. */
export async function fitInRun(
  clustering: ClusterContext,
  scheme: ClusterScheme,
  { report, date }: { report: boolean; date: PlainDate },
): Promise<FittedClusters> {
  const { model, assignment } = await fitClusters(clustering, scheme, report ? reportedTrials : undefined);
  const choice = model.choice && { ...model.choice, fittedOn: date };
  return { model: { ...model, choice }, assignment };
}
