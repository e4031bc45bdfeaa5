import {
  type BankRecords,
  daysSinceEpoch,
  type EvaluationWindow,
  evaluationWindows,
  type KernelPool,
  learningWindows,
  type PlainDate,
  required,
  type SomeCustomers,
  setSome,
} from '@basketwise/core';
import type { Bank, SchemeClusters } from '../campaigns/bank.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import { type CampaignPlan, learnsFromDates, usualSample } from '../campaigns/campaign-plan.ts';
import { classPurchases } from '../campaigns/class-purchases.ts';
import { type ClusterOfCustomers, clustersAt, type DatedClusters, type DatedContexts } from '../campaigns/customer-contexts.ts';
import { type BankFacts, loadBank } from '../campaigns/load-bank.ts';
import { type GroupHolders, RecentPopularity } from '../campaigns/popularity.ts';
import { monthOpenings } from '../campaigns/seasons.ts';
import { type BankAt, loadBankAt } from '../evaluation/bank-at.ts';
import { hash } from '../evaluation/hash.ts';
import { folds, learningFolds } from '../evaluation/hidden-holdings.ts';
import { recordKeeper } from '../evaluation/kept-records.ts';
import type { BankSource, CalibrationData, HeldOutData, HeldOutRequest, LookBack, PastBanks } from './bank-source.ts';

/** Clusters of a bank's customers, and results of the config's rules. */
type KnownFacts = Required<Pick<BankFacts, 'clusters' | 'eligible'>>;

/** Records of a bank, with its settings and customer data. */
export interface RecordedBank {
  pool: KernelPool;
  records: BankRecords;
  settings: BankSettings;
  /** Plans of all campaigns of the bank. */
  plans: readonly CampaignPlan[];
  /** Reference date of the lists. */
  date: PlainDate;
  /** Reads the clusters and the results of rules. Called once. Absent: the bank has no clusters and no rules. */
  facts?: () => Promise<KnownFacts>;
  /** Features of customers. Null or absent: models rank by holdings only. */
  contexts?: DatedContexts | null;
  /** Clusters as of earlier dates. Absent: earlier clusters are unknown, and today's are used where possible. */
  dated?: DatedClusters | undefined;
}

/** Data source for a bank whose records are in memory or in a snapshot. */
export interface BankOfRecords extends BankSource {
  /** Number of holders of each equivalence group on the reference date. */
  holders(): Promise<readonly GroupHolders[]>;
}

/**
 * Creates the data source of a bank from its records. The bank as of the reference date is loaded once and stays in kernel memory. The source becomes
 * invalid when that memory is released.
 */
export function bankOfRecords(recorded: RecordedBank): BankOfRecords {
  const { pool, records, settings, plans, date, contexts = null } = recorded;
  const isDated = settings.tables.holdings.date !== null;
  const kept = recordKeeper(records);
  let knownFacts: Promise<KnownFacts> | undefined;
  let loaded: Promise<Bank> | undefined;
  const facts = () => (knownFacts ??= recorded.facts?.() ?? Promise.resolve({ clusters: new Map(), eligible: [] }));
  const load = async () => {
    const history = isDated && plans.some(learnsFromDates) ? () => {} : undefined;
    return loadBank(pool, records, settings, plans, date, { ...(await facts()), history });
  };
  return {
    async holders() {
      if (loaded) return (await loaded).popularity.holders();
      const popularity = new RecentPopularity(await records.products(), Number.POSITIVE_INFINITY, 0, new Map());
      for await (const batch of records.holdings(date)) popularity.add(batch);
      return popularity.holders();
    },
    async now(_, use, withFeatures = false) {
      loaded ??= load();
      const bank = await loaded;
      return use(withFeatures ? { ...bank, contexts: (await contexts?.at(date)) ?? undefined } : bank);
    },
    async lookBack(asked) {
      const sample = sampleCustomers(records.customerCount, asked.size, asked.seed);
      const sampleRecords = await kept(asked.date, sample);
      return isDated ? banksBefore(recorded, sampleRecords, asked, sample) : banksHiding(recorded, sampleRecords, asked, sample);
    },
    async calibrationData(asked, day, window) {
      const sample = sampleCustomers(records.customerCount, usualSample.sample, usualSample.seed);
      return calibrationDataOf(
        recorded,
        await kept(day, sample),
        { plans: asked, date: day, window },
        sample,
        (await facts()).clusters,
      );
    },
    async heldOut(asked) {
      const sample = sampleCustomers(records.customerCount, usualSample.sample, usualSample.seed);
      return heldOutDataOf(recorded, await kept(asked.date, sample), asked, sample, (await facts()).clusters);
    },
  };
}

/** Creates the banks as of the windows before a date, for holdings with dates. */
function banksBefore(
  { pool, settings, contexts, dated }: RecordedBank,
  sampleRecords: BankRecords,
  { plans, date }: LookBack,
  sample: SomeCustomers | undefined,
): PastBanks {
  const { window, gap } = settings.evaluate;
  const windows = evaluationWindows(date, window, gap, learningWindows);
  const days = windows.map(({ at }) => at);
  return {
    windows,
    at: (place) => loadBankAt(pool, sampleRecords, settings, plans, windows[place]!),
    contexts: async (place) => (await contexts?.at(days[place]!, sample, days)) ?? null,
    async clusters(scheme) {
      const byDay: ClusterOfCustomers[] = [];
      for (const day of days) {
        const then = await dated?.at(scheme, day);
        if (!then) return null;
        byDay.push(sampledClusters(then, sample));
      }
      return byDay;
    },
  };
}

/** Creates the banks with held-out products, for holdings without dates. Each training fold counts as a window. */
function banksHiding(
  { pool, settings, contexts }: RecordedBank,
  sampleRecords: BankRecords,
  { plans, date, heldOutFold: unknown }: LookBack,
  sample: SomeCustomers | undefined,
): PastBanks {
  const window: EvaluationWindow = { at: date, from: date, to: date, folds };
  const tested = learningFolds(unknown);
  return {
    windows: tested.map(() => window),
    at: (place) =>
      loadBankAt(pool, sampleRecords, settings, plans, window, { hide: { tested: tested[place]!, unknown, sample } }),
    contexts: async () => (await contexts?.at(date, sample, [date])) ?? null,
    clusters: async () => null,
  };
}

/** Creates the calibration data from the records of a sample of customers. */
async function calibrationDataOf(
  { pool, settings, contexts, dated }: RecordedBank,
  sampleRecords: BankRecords,
  { plans, date, window }: { plans: readonly CampaignPlan[]; date: PlainDate; window: EvaluationWindow },
  sample: SomeCustomers | undefined,
  clusters: SchemeClusters,
): Promise<CalibrationData> {
  const days = daysSinceEpoch(date) - daysSinceEpoch(window.from);
  const classes = [...new Set(plans.map((plan) => plan.class))];
  const joined = await sampleRecords.joined();
  const boughtIn = (bank: BankAt) => new Map(classes.map((name) => [name, classPurchases(bank, joined, name, days)]));
  const mark = pool.memory.mark();
  const now = boughtIn(await loadBankAt(pool, sampleRecords, settings, plans, { at: date, from: date, to: date }));
  pool.memory.release(mark);
  const then = await clustersAt(dated, clusters, window.at);
  const ofSample = new Map([...then.clusters].map(([name, one]) => [name, sampledClusters(one, sample)]));
  const bank = await loadBankAt(pool, sampleRecords, settings, plans, window, { clusters: ofSample });
  const past = boughtIn(bank);
  return {
    bank,
    purchases: (name) => ({ past: required(past, name).counts, now: required(now, name) }),
    openings: await monthOpenings(sampleRecords.history(date), bank.products),
    contexts: (await contexts?.at(window.at, sample)) ?? undefined,
    asOf: then.asOf,
  };
}

/** Creates the bank of a sample, with one product held out for each customer of a fold. */
async function heldOutDataOf(
  { pool, settings, contexts }: RecordedBank,
  sampleRecords: BankRecords,
  { plans, date, fold, heldOutFold: unknown }: HeldOutRequest,
  sample: SomeCustomers | undefined,
  clusters: SchemeClusters,
): Promise<HeldOutData> {
  const window: EvaluationWindow = { at: date, from: date, to: date, folds };
  const ofSample = new Map([...clusters].map(([name, one]) => [name, sampledClusters(one, sample)]));
  const hide = { tested: fold, unknown, sample };
  return {
    bank: await loadBankAt(pool, sampleRecords, settings, plans, window, { clusters: ofSample, hide }),
    contexts: (await contexts?.at(date, sample, [date])) ?? undefined,
  };
}

/** Draws a sample of about `size` customers by a hash of their numbers. Undefined, for all customers, if the bank has at most `size`. */
function sampleCustomers(customers: number, size: number, seed: number): SomeCustomers | undefined {
  if (customers <= size) return undefined;
  const numberOf = new Int32Array(customers).fill(-1);
  const share = (size / customers) * 2 ** 32;
  let count = 0;
  for (let customer = 0; customer < customers; customer++) if (hash(customer, 606 + seed) < share) numberOf[customer] = count++;
  return { customers: count, numberOf, drawn: `${size} by seed ${seed}` };
}

/** Clusters of the customers of a sample, in the sample's numbering. */
function sampledClusters(unsampled: ClusterOfCustomers, sample: SomeCustomers | undefined): ClusterOfCustomers {
  if (sample === undefined) return unsampled;
  const clusters = new Int16Array(sample.customers);
  setSome(clusters, unsampled.clusters, sample.numberOf);
  return { clusters, count: unsampled.count };
}
