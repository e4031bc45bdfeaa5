import { dateOfDay, daysSinceEpoch, type PlainDate } from '@basketwise/core';
import { hasContacts, type Snapshot } from '@basketwise/data';
import { contactsAndMissed, findResting, longestRest, nothingRests, type Resting, type RestingAbout } from '@basketwise/offers';
import type { Config } from '@basketwise/pipeline';

/** Customer and items (products and campaigns) whose cool-off periods are requested. */
export interface CoolOffAbout extends Pick<RestingAbout, 'items' | 'countedAs' | 'campaigns' | 'products'> {
  /** Index of the customer in the snapshot. */
  position: number;
  config: Config;
}

/** Cool-off periods of one customer, who was contacted. */
export interface CoolOff {
  /** Items that are in cool-off on the date of the run. */
  now: Resting;
  /** Last day on which all given items are in cool-off. All of them must be in cool-off on the date of the run. */
  lastDay(items: readonly number[]): Promise<PlainDate>;
}

/**
 * Finds the cool-off periods of a customer on the date of the run and on later days. It uses the function by which the job decides
 * offers.
 */
export async function coolOffOf(
  { engine, manifest }: Snapshot,
  date: PlainDate,
  { position, config, ...about }: CoolOffAbout,
): Promise<CoolOff> {
  const { contacts: policy } = config.offers!;
  const made = contactsAndMissed(engine, hasContacts(manifest) ? 'contacts' : null, [], config.tables.contacts?.by ?? 'code');
  const since = longestRest(policy, date);
  if (made === null || since === null) return { now: nothingRests(1), lastDay: async () => date };
  const own = `(SELECT 0 AS customer, c.product, c.campaign, c.contacted, c.answer, c.missed FROM ${made} c WHERE c.customer = ${position})`;
  const { signal } = new AbortController();
  const restingOn = (day: PlainDate) => findResting(engine, own, policy, day, { ...about, control: Uint8Array.of(0) }, signal);
  return {
    now: await restingOn(date),
    async lastDay(items) {
      const today = daysSinceEpoch(date);
      // The margin of 31 days is needed because months differ in length: the same span can be some days longer later in the year.
      let [last, after] = [today, 2 * today - daysSinceEpoch(since) + 31];
      while (last + 1 < after) {
        const middle = Math.floor((last + after) / 2);
        if (restsAll(await restingOn(dateOfDay(middle)), items)) last = middle;
        else after = middle;
      }
      return dateOfDay(last);
    },
  };
}

/** Whether all these items are in cool-off. */
function restsAll({ set, sets }: Resting, items: readonly number[]): boolean {
  const resting = sets[set[0]!];
  // A set number without a set stands for all items.
  return resting === undefined || items.every((item) => resting.includes(item));
}
