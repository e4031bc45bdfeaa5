// Entry point for audit: test cases and figures of an evaluation, finished runs and their explanations, Markdown.
export { compareModels, type ModelValues, metricValues, valuesOfRows } from './evaluation/compare-models.ts';
export { testCampaigns } from './evaluation/evaluate.ts';
export { ProbabilityJudge, type ProbabilityQuality } from './evaluation/judge-probabilities.ts';
export { isTooFew } from './evaluation/refusals.ts';
export { levelNotes, type TestedCampaign } from './evaluation/summarise.ts';
export { type CampaignTests, ownModel, type ScoredWindow } from './evaluation/tested.ts';

export { explainIn } from './explain/explain.ts';
export type { CustomerExplanation } from './explain/explanation.ts';
export { explanationText } from './explain/explanation-text.ts';
export { type FinishedRun, finishedRun, openFinishedRun, type RunManifest } from './explain/finished-run.ts';
