// Entry point of the definitions that configs refer to. Commands that read no bank data load only this file of the package.
export { bandLimits, bandWeightsOf, usualBands, usualLength, usualTest } from './campaigns/bank-settings.ts';

export { type CampaignPlan, isLearned, isPooled, learnsFromDates, planCampaign } from './campaigns/campaign-plan.ts';
