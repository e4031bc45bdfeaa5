import { required } from '@basketwise/core';
import {
  type CodedFeature,
  type CustomerContexts,
  contextsOf,
  type DatedContexts,
  type PlainDate,
  type SomeCustomers,
} from '@basketwise/core/advice';
import type { Snapshot } from '@basketwise/data';
import { readCodes } from './codes.ts';

/** The contexts of a snapshot's customers by coded features. Those of the date and the customers that were last asked about are kept. */
export function customerContexts(snapshot: Snapshot, features: readonly CodedFeature[], signal?: AbortSignal): DatedContexts {
  const read = async (date: PlainDate, only?: number | SomeCustomers) => {
    const codes = await readCodes(snapshot, features, date, { only, signal });
    const ofFeatures = features.map(({ name }) => required(codes, name));
    return contextsOf(features, ofFeatures, ofFeatures[0]?.length ?? 0);
  };
  let last: { date: PlainDate; some: SomeCustomers | undefined; contexts: Promise<CustomerContexts> } | undefined;
  return {
    async at(date, only) {
      if (!snapshot.manifest.features?.dates.includes(date)) return null;
      if (typeof only === 'number') return read(date, only);
      if (last?.date !== date || last.some !== only) last = { date, some: only, contexts: read(date, only) };
      return last.contexts;
    },
  };
}
