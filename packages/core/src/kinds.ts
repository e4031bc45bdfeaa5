// Entry point for reading a config: kinds of models, their usual parameters and calendar spans. Commands that read no bank load
// only this part of the core.
export { type CalendarSpan, isPlainDate, parseSpan, spanDays } from './dates/plain-date.ts';
export { required } from './error.ts';
export type { Parameter, Parameters } from './kinds/kind.ts';
export { type Kind, kindOf, kinds, type ModelSpec, needsAcquisitions } from './kinds/kinds.ts';
export { automatic } from './kinds/model-kinds.ts';
export { specOf, usualValues } from './kinds/spec-of.ts';
export { baseName, isOfferValue, mostOffers, offerValueText, replacedCampaign } from './records/offer-terms.ts';
