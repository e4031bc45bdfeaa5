// Definitions of the recommender that a config names. Commands that read no bank load only this entry point.
export { bandLimits } from './campaigns/band-limits.ts';
export { bandWeightsOf, usualBands, usualLength, usualTest } from './campaigns/bank-settings.ts';
export { type CampaignPlan, isLearned, isPooled, learnsFromDates, planCampaign } from './campaigns/campaign-plan.ts';
