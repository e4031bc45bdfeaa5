import { type PlainDate, required, type SomeCustomers } from '@basketwise/core';
import type { Snapshot } from '@basketwise/data';
import { type CodedFeature, type CustomerContexts, contextsOf, type DatedContexts } from '@basketwise/recommend';
import { rankableFeatures } from '../config/check-features.ts';
import type { Config } from '../config/schema.ts';
import { readDatedCodes } from './codes.ts';

import { knownFeatures, readFeatureFile } from './feature-file.ts';
import { hasFeatures } from './feature-plan.ts';
import { fitCodings } from './fit-codings.ts';

/**
 * Features of a snapshot's customers, with levels determined at the snapshot's date. Contains only features whose earlier values
 * are known. Null if there is no such feature.
 * @throws AppError config, bad-data for a feature that models cannot use
 */
export async function snapshotContexts(snapshot: Snapshot, config: Config, signal?: AbortSignal): Promise<DatedContexts | null> {
  if (!hasFeatures(config) || snapshot.manifest.features === undefined) return null;
  const { known } = knownFeatures(snapshot.manifest.features, rankableFeatures(config));
  if (Object.keys(known).length === 0) return null;
  return customerContexts(snapshot, await fitCodings(snapshot, known, signal), signal);
}

/**
 * Features of a run's customers, with the levels saved in the run's folder. Null if models rank by no feature.
 * @throws AppError bad-data if the saved levels are damaged
 */
export async function runContexts(
  folder: string,
  snapshot: Snapshot,
  config: Config,
  signal?: AbortSignal,
): Promise<DatedContexts | null> {
  if (!hasFeatures(config)) return null;
  const { features } = await readFeatureFile(folder);
  return features.length === 0 ? null : customerContexts(snapshot, features, signal);
}

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
