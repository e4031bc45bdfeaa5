export { AppError, bug, type ErrorCode, reportHint } from './error.ts';
export type { BasketRows, Baskets, Holdings } from './front-door/baskets.ts';
export { type Core, createCore } from './front-door/core.ts';
export type { FitProgress, ModelChoice } from './front-door/fit.ts';
export type { FittedModel, SimilarProduct } from './front-door/fitted-model.ts';
export type { AllLists, ListOptions, ProductExplanation, Recommendation, Recommendations } from './front-door/recommendations.ts';
