export type { Allocation } from './allocation/allocation.ts';
export { BestOffers } from './allocation/best-offers.ts';
export { type NumberedKeys, orderByColumns } from './allocation/class-order.ts';
export { OfferDemand } from './allocation/demand.ts';
export { type NumberedRows, numberRows, type WordRows } from './allocation/number-rows.ts';
export type { OfferCapacity, OfferProblem } from './allocation/offer-problem.ts';
export { decideOffers } from './allocation/offers.ts';
export { countOffers, type OfferCounts } from './allocation/reasons.ts';
export { drawArms } from './decisions/arms.ts';
export { capacityGroups } from './decisions/customer-groups.ts';
export { decideVariants, type OfferSummary, unvaluedProducts } from './decisions/decide-offers.ts';
export { offeredItems, ProductCodes } from './decisions/items.ts';
export { type ListEntry, productsWithoutValue, singleList } from './decisions/joined-lists.ts';
export { offerWarnings, type PublishedOfferCounts, publishedOffers } from './decisions/published-offers.ts';
export {
  contactsAndMissed,
  findResting,
  longestRest,
  nothingRests,
  type Resting,
  type RestingAbout,
} from './decisions/resting.ts';
export { type Variant, variantsOf } from './decisions/variants.ts';
export {
  type CalibrationBand,
  lastReadOut,
  type OfferLimit,
  type Outcome,
  type Outcomes,
  purchaseDays,
  type ReadOutWindow,
} from './effects/effect-report.ts';
export {
  armRange,
  type Compared,
  figuresOf,
  type OutcomeFigures,
  type PublishedArm,
  type PublishedFigures,
  publishedFigures,
} from './effects/outcome-figures.ts';
export { needText } from './effects/outcome-need.ts';
export {
  type ContactList,
  contactText,
  decimalsOf,
  decisionText,
  outcomeSentences,
  pointsOf,
  pointsText,
} from './effects/outcome-sentence.ts';
export { aboutTexts, chanceOfProof } from './effects/outcomes-about.ts';
export {
  armNames,
  campaignName,
  countedRuns,
  mainOutcomes,
  mainRun,
  type PublishedOutcome,
  publishedOutcomes,
  type Step,
  stepOf,
} from './effects/published-outcomes.ts';
