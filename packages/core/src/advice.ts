export {
  type CalendarSpan,
  dateOfDay,
  daysBefore,
  daysSinceEpoch,
  isPlainDate,
  minusSpan,
  type PlainDate,
  parseSpan,
  spanDays,
} from './dates/plain-date.ts';
export { type EvaluationWindow, evaluationWindows, innerWindow, windowText } from './dates/windows.ts';
export {
  type BootstrapOptions,
  bootstrap,
  difference,
  type Gap,
  gapBetween,
  type Interval,
  isDifferent,
  leastResamples,
  minimumCustomers,
} from './evaluation/bootstrap.ts';
export { fmix32, hash, pick } from './evaluation/hash.ts';
export {
  averagePrecision,
  gradedNdcg,
  hitRate,
  type MetricName,
  metric,
  metricNames,
  ndcg,
  type Outcome,
  outcomeOf,
  precision,
  recall,
  reciprocalRank,
} from './evaluation/metrics.ts';
export { firstColumns, rankTargets } from './evaluation/ranking.ts';
export {
  type Acquisition,
  foldOf,
  hidingSeeds,
  type ItemSets,
  innerLeaveOneOut,
  leaveOneOut,
  type Split,
  type TestCase,
  temporalSplit,
} from './evaluation/split.ts';
export { constantName } from './fitting/constant.ts';
export { familiesOf, fitFamily } from './fitting/families.ts';
export { fitSpec } from './fitting/fit-spec.ts';
export * from './fitting/fits.ts';
export type { FitSummary, KindFit, ModelSpec } from './fitting/kind-fit.ts';
export type { LearningData } from './fitting/learning-data.ts';
export { type MemberCandidate, memberCandidates } from './fitting/next-purchase-members.ts';
