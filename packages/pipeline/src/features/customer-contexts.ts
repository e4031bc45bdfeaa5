import { required } from '@basketwise/core';
import {
  type CodedFeature,
  type CustomerContexts,
  contextsOf,
  type DatedContexts,
  type PlainDate,
} from '@basketwise/core/advice';
import type { Snapshot } from '@basketwise/data';
import { readCodes } from './codes.ts';

/** The contexts of a snapshot's customers by coded features. Those of the date that was last asked about are kept. */
export function customerContexts(snapshot: Snapshot, features: readonly CodedFeature[], signal?: AbortSignal): DatedContexts {
  const read = async (date: PlainDate, customer?: number) => {
    const codes = await readCodes(snapshot, features, date, { customer, signal });
    return contextsOf(
      features,
      features.map(({ name }) => required(codes, name)),
      customer === undefined ? snapshot.customerCount : 1,
    );
  };
  let last: { date: PlainDate; contexts: Promise<CustomerContexts> } | undefined;
  return {
    async at(date, customer) {
      if (!snapshot.manifest.features?.dates.includes(date)) return null;
      if (customer !== undefined) return read(date, customer);
      if (last?.date !== date) last = { date, contexts: read(date) };
      return last.contexts;
    },
  };
}
