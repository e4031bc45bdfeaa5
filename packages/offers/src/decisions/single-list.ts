import type { CampaignResults } from '@basketwise/core/parts';

/** Entry of a list: product number, and the probability of its purchase. */
export interface ListEntry {
  product: number;
  probability: number;
}

/** Results of a campaign in which all customers have the same list, or no list if it is empty. @param customers number of customers */
export function singleList(campaign: string, entries: readonly ListEntry[], customers: number): CampaignResults {
  const { length } = entries;
  return {
    ...{ campaign, unit: new Int32Array(customers).fill(length > 0 ? 0 : -1) },
    units: {
      start: Uint32Array.of(0, length),
      product: Int32Array.from(entries, ({ product }) => product),
      probability: Float32Array.from(entries, ({ probability }) => probability),
      ...{ score: new Float32Array(length), source: new Uint8Array(length), sources: [''] },
    },
  };
}
