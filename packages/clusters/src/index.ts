// Clusters of customers: schemes, fits, saved models, assignment and profiles; segments by rules.
export type { ClusterContext } from './features/customer-rows.ts';
export { fromCustomers } from './features/feature-fit.ts';
export { type ClusterScheme, pastColumn, pastWhere, schemeColumn } from './features/scheme.ts';
export { assignmentQuery, assignToCentres, type CustomerAssignment, countTreated } from './fitting/assignment.ts';
export type { KChoice, KRange } from './fitting/choose-k.ts';
export { type ClusterModel, centresHash, checkModel, checkSizes } from './fitting/cluster-model.ts';
export { applyClusters, chooseK, clusterModelFromState, clusterModelState, fitClusters, fitInRun } from './fitting/clusters.ts';
export { methodNames, methods } from './fitting/methods.ts';
export {
  type ClusterSummary,
  clusterContext,
  keptModelFile,
  modelFile,
  readClusterModel,
  schemeOf,
} from './fitting/saved-model.ts';
export { choiceText, profileText } from './profile/cluster-text.ts';
export { type Drift, driftOf, driftVerdict, type LabelCounts, shiftBetween } from './profile/drift.ts';
export {
  type CategoryProfile,
  type ClusterProfile,
  modelProfile,
  type NumberProfile,
  profileClusters,
  publishedChoice,
  publishedProfile,
} from './profile/profile.ts';
export { segmentLabels, segmentQuery } from './segments/segment-sql.ts';
export { countSegments, noSegment, type PreviousSegments, type SegmentTable, segmentText } from './segments/segment-table.ts';
