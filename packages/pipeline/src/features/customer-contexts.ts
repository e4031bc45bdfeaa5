import { type PlainDate, required, type SomeCustomers } from '@basketwise/core/parts';
import type { Snapshot } from '@basketwise/data';
import { type CodedFeature, type CustomerContexts, contextsOf, type DatedContexts } from '@basketwise/recommend';
import { readDatedCodes } from './codes.ts';

/** Cached feature combinations of one set of customers. */
interface ReadContexts {
  /** Name of the sample; undefined: all customers. */
  drawn: string | undefined;
  /** Maps each date to the read that covers the date. A read returns the combinations at all dates that it covers. */
  at: Map<PlainDate, Promise<ReadonlyMap<PlainDate, CustomerContexts>>>;
}

/**
 * Feature combinations of a snapshot's customers, at each date with feature values. Results are cached for the last requested set
 * of customers. For all customers, only the last read is cached.
 */
export function customerContexts(snapshot: Snapshot, features: readonly CodedFeature[], signal?: AbortSignal): DatedContexts {
  const isKnown = (date: PlainDate) => snapshot.manifest.features?.dates.includes(date) === true;
  const read = async (dates: readonly PlainDate[], only?: number | SomeCustomers) => {
    const codes = await readDatedCodes(snapshot, features, dates, { only, signal });
    return new Map(
      dates.map((date) => {
        const ofFeatures = features.map(({ name }) => required(required(codes, date), name));
        return [date, contextsOf(features, ofFeatures, ofFeatures[0]?.length ?? 0)];
      }),
    );
  };
  let last: ReadContexts | undefined;
  return {
    async at(date, only, soon = []) {
      if (!isKnown(date)) return null;
      if (typeof only === 'number') return required(await read([date], only), date);
      if (last === undefined || last.drawn !== only?.drawn || (only === undefined && !last.at.has(date)))
        last = { drawn: only?.drawn, at: new Map() };
      const { at } = last;
      if (!at.has(date)) {
        const dates = [...new Set([date, ...soon])].filter((one) => isKnown(one) && !at.has(one));
        const contexts = read(dates, only);
        for (const one of dates) at.set(one, contexts);
      }
      return required(await required(at, date), date);
    },
  };
}
