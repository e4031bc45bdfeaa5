/**
 * Top-N lists of basket rows. Customers of one row share its list.
 * Entries `start[u]` to `start[u + 1] - 1` belong to basket row u, in rank order. All entry arrays have the same length.
 */
export interface UnitRecommendations {
  /** Start of the entries of each basket row, u32[basket rows + 1]. */
  start: Uint32Array;
  /** Product number of each entry. */
  product: Int32Array;
  score: Float32Array;
  /** Probability of each entry; NaN means null. Absent: null everywhere. */
  probability?: Float32Array | undefined;
  /** Source of each entry, as a position in `sources`. */
  source: Uint8Array;
  sources: readonly string[];
  /** Cluster of each basket row; -1 means null. Absent: null everywhere. */
  cluster?: Int32Array | undefined;
  /** Reason of each entry, as a position in `reasons`; -1 means null. Absent: null everywhere. */
  reason?: Int32Array | undefined;
  reasons?: readonly string[] | undefined;
  /** Arm of each entry, as a position in `arms`. Only for offers. */
  arm?: Uint8Array | undefined;
  arms?: readonly string[] | undefined;
}

/** Recommendations of one campaign. */
export interface CampaignResults {
  campaign: string;
  /** Basket row of each customer of the bank; -1 for customers outside the target group and for customers without a list. */
  unit: Int32Array;
  units: UnitRecommendations;
  /**
   * SQL relation of the customers of `unit`. Its columns are `customer` (the position in `unit`, from 0) and `id`. Absent: all
   * customers of the bank.
   */
  ids?: string;
}

/** Largest number of offers per customer. */
export const mostOffers = 10;
/** Range of offer values other than 0. Their sums, differences and products with probabilities remain normal 32-bit floats. */
const [leastValue, mostValue] = [1e-30, 1e30];

/** Whether an accepted offer can have this value. */
export function isOfferValue(value: number): boolean {
  return value === 0 || (value >= leastValue && value <= mostValue);
}

/** Allowed offer values, as a phrase for messages. */
export const offerValueText = `0, or from ${leastValue} to ${mostValue}`;

/** Name of the experiment variant of all customers who are in no other variant. */
export const baseName = 'base';

/** For each campaign of an experiment's variant, the campaign that it replaces; all others stand for themselves. Limits count both as one. */
export function replacedCampaign(instead: Readonly<Record<string, string>> = {}): (campaign: string) => string {
  const replaced = new Map(Object.entries(instead).map(([campaign, replacement]) => [replacement, campaign]));
  return (campaign) => replaced.get(campaign) ?? campaign;
}
