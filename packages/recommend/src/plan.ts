// What a config names of the recommender. Commands that read no bank load this door alone.
export { bandWeightsOf, usualBands, usualLength, usualTest } from './campaigns/bank-settings.ts';
export { type CampaignPlan, isLearned, learnsFromDates } from './campaigns/campaign-plan.ts';
