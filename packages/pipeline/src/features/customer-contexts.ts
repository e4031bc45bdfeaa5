import { required } from '@basketwise/core';
import { type CodedFeature, contextsOf, type DatedContexts } from '@basketwise/core/advice';
import type { Snapshot } from '@basketwise/data';
import { readCodes } from './codes.ts';

/** The contexts of a snapshot's customers by coded features. Nothing is kept between calls. */
export function customerContexts(snapshot: Snapshot, features: readonly CodedFeature[], signal?: AbortSignal): DatedContexts {
  return {
    async at(date, customer) {
      if (!snapshot.manifest.features?.dates.includes(date)) return null;
      const codes = await readCodes(snapshot, features, date, { customer, signal });
      return contextsOf(
        features,
        features.map(({ name }) => required(codes, name)),
        customer === undefined ? snapshot.customerCount : 1,
      );
    },
  };
}
