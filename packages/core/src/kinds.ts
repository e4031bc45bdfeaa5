// What a config names of the core: kinds of models, usual settings, calendar spans. Commands that read no bank load this door alone.
export { type BankSettings, usualBands, usualLength, usualTest } from './campaigns/bank-settings.ts';
export { automaticKind, type CampaignPlan, isLearned, learnsFromDates, usualSample } from './campaigns/campaign-plan.ts';
export { type CalendarSpan, isPlainDate, type PlainDate, parseSpan, spanDays } from './dates/plain-date.ts';
export * from './fitting/fits.ts';
export type { KindFit, ModelSpec } from './fitting/kind-fit.ts';
export { isOfferValue, mostOffers, offerValueText } from './offers/offer-problem.ts';
export { required } from './required.ts';
