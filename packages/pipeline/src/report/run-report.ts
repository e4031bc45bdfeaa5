import type { ClusterSummary, SegmentTable } from '@basketwise/clusters';
import { kernelHash, type PlainDate } from '@basketwise/core';
import type { SnapshotManifest } from '@basketwise/data';
import { type PublishedCount, publishedCount, publishedParts, publishedRecord, publishedValue } from '@basketwise/data/base';
import { type OfferSummary, type Outcomes, publishedOffers, publishedOutcomes } from '@basketwise/offers';

import type { CampaignChoice, CampaignVerdict, PublishedCampaign } from '@basketwise/recommend';
import { z } from 'zod';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import type { ProbabilityMeaning } from '../config/campaign-plan.ts';
import type { FeatureSummary } from '../features/feature-file.ts';
import type { RunIdentity } from '../run/identity.ts';
import type { StageState } from '../run/run-state.ts';
import type { ClusterReport } from './cluster-report.ts';
import { type CampaignFigures, sixDecimals } from './figures.ts';
import { publishedFunnel } from './published-funnel.ts';
import { type EarlierWindows, publishedEarlier } from './published-ratio.ts';
import { publishedVerdict, type QualityFigures } from './quality-figures.ts';

/** Version of report.json's shape. Raised if a field is removed or changes its meaning. */
const reportVersion = 6;

/** All results of a run, as data: the source of the terminal's text, report.json, report.html and manifest.json. */
export interface RunReport {
  run: string;
  referenceDate: PlainDate;
  /** Absolute path of the run folder. */
  folder: string;
  extract: SnapshotManifest;
  /** Product classes that the config names. Reports name no other class of the products table. */
  classes: ReadonlySet<string>;
  /** Null if the config has no features. */
  features: FeatureSummary | null;
  segments: SegmentTable;
  clusters: readonly ClusterSummary[];
  /** Choice of the model, for each campaign whose model the run chooses. */
  choices: readonly CampaignChoice[];
  trainings: readonly CampaignTraining[];
  /**
   * Verdict on each campaign's lists in past windows, in the order of the config. Null without held-out data, or if too few customers purchased.
   */
  verdicts: readonly (CampaignVerdict | null)[];
  /** Meaning of `probability` in the lists. Null if the lists have no probabilities. */
  probability: ProbabilityMeaning | null;
  /** Purchases in earlier windows against their forecast, for each campaign in the order of the config. Null without probabilities. */
  earlier: readonly (EarlierWindows | null)[];
  /** Campaigns in the order of the config. */
  campaigns: readonly PublishedCampaign[];
  /** Null if the config has no offers. */
  offers: OfferSummary | null;
  /** Last day on which purchases after the run's lists count. Null if holdings have no dates. */
  windowEnd: PlainDate | null;
  /** Unit of the offers' values. Null if the config names none. */
  unit: string | null;
  /** Whether offers have a control. */
  hasControl: boolean;
  /** File of the contact list, and the number of approvals that publish the run. If `approvals` is null, the run is published at its end. */
  contactList: { file: string; approvals: number | null } | null;
  /** Outcomes of earlier runs' offers. Null if the config has no offers. */
  outcomes: Outcomes | null;
  warnings: readonly string[];
  /** Stages of this run. */
  stages: readonly StageState[];
}

/**
 * Rounds the numbers of rows in the customers table for publication. A row is retained, unless it has no id, repeats another row, or
 * its customer joined after the reference date. Some retained customers have no holdings.
 */
function publishedCustomers({
  read,
  nullId,
  joinedLater = 0,
  repeated = 0,
  kept,
  withoutHoldings,
}: SnapshotManifest['customers']) {
  return publishedRecord({ read, nullId, joinedLater, repeated, kept, withoutHoldings });
}

/**
 * Rounds the numbers of rows in the holdings table for publication. They are rounded like numbers of customers, because many
 * customers have only one row.
 */
function publishedHoldings({
  read,
  afterReference,
  closed,
  undated,
  repeated = 0,
  joinedLater = 0,
  ...parts
}: SnapshotManifest['holdings']) {
  return publishedRecord({ read, ...parts, joinedLater, repeated, afterReference, closed, undated });
}

/** Rounds the figures of fitted models for publication. For a model of too few customers, the number of baskets and the objective are null. */
function publishedFits(fits: CampaignTraining['fits']) {
  const shown = publishedParts(fits.map(({ customers }) => customers));
  return fits.map(({ baskets, objective, ...fit }, i) => ({
    ...fit,
    customers: shown[i]!,
    baskets: shown[i] === null ? null : publishedCount(baskets),
    objective: shown[i] === null || objective === null ? null : publishedValue(objective),
  }));
}

/** Evidence for the choice of a model, rounded for publication. Null if the config names the model. */
function publishedModelChoice(choice: CampaignChoice | undefined) {
  if (choice === undefined) return null;
  const { window, customers, tested, trials, decision } = choice;
  const decided = decision && { decision: { ...decision, tested: publishedCount(decision.tested) } };
  return { window, customers: publishedCount(customers), tested: publishedCount(tested), trials, ...decided };
}

/** Content of report.json that `RunReport` lacks. */
export interface ReportExtras {
  identity: RunIdentity;
  figures: readonly CampaignFigures[];
  clusterReport: ClusterReport | undefined;
  quality: QualityFigures;
  /** Fields of report.json of the run that this run is compared with. */
  previous: PreviousReport | undefined;
}

/** Content of report.json, which report.html shows: the figures of a run, without numbers too small to publish. */
export type PublicReport = ReturnType<typeof publicReport>;

/** Figures of a campaign that are compared with those of the previous run. */
interface Comparable {
  campaign: string;
  targets: PublishedCount;
  served: PublishedCount;
  products: readonly Pick<CampaignFigures['products'][number], 'code' | 'firstShare'>[];
}

const nullableCount = z.number().nullable();

/** Fields of the previous run's report.json that the comparison needs. */
export const previousReport = z.object({
  version: z.literal(reportVersion),
  run: z.string(),
  campaigns: z.array(
    z.object({
      ...{ campaign: z.string(), targets: nullableCount, served: nullableCount },
      products: z.array(z.object({ code: z.string(), firstShare: nullableCount })),
    }),
  ),
});
type PreviousReport = z.output<typeof previousReport>;

/** Change of a campaign's numbers since the previous run. A change is null if one of its two numbers is too small to publish. */
export interface CampaignChange {
  campaign: string;
  targets: number | null;
  served: number | null;
  /**
   * Estimated share of lists whose first product changed, 0 to 1: sum over products of |new share - old share| / 2. The share of
   * a product is the share of lists that begin with it.
   */
  firstShift: number;
}

function namedOnly(counts: Readonly<Record<string, number>>, names: ReadonlySet<string>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => names.has(name)));
}

/** Figures of each campaign, except those of its products and scores. */
function campaignSummaries({ campaigns, trainings, choices, verdicts, earlier }: RunReport) {
  return campaigns.map((campaign, i) => ({
    ...{ campaign: campaign.campaign, recommendable: campaign.recommendable, appearing: campaign.appearing },
    ...publishedFunnel(campaign),
    model: trainings[i]!.spec,
    choice: publishedModelChoice(choices.find((choice) => choice.campaign === campaign.campaign)),
    verdict: verdicts[i] ? publishedVerdict(verdicts[i]) : null,
    earlier: earlier[i] ? publishedEarlier(earlier[i]) : null,
    models: publishedFits(trainings[i]!.fits),
  }));
}

/** Figures of a run that `run --json` prints, without numbers too small to publish. */
export function publicSummary(report: RunReport) {
  return {
    version: reportVersion,
    run: report.run,
    referenceDate: report.referenceDate,
    warnings: report.warnings,
    data: {
      customers: publishedCustomers(report.extract.customers),
      products: { ...report.extract.products, classes: namedOnly(report.extract.products.classes, report.classes) },
      holdings: publishedHoldings(report.extract.holdings),
      unknownProducts: { distinct: publishedCount(report.extract.unknownProducts.distinct) },
    },
    ...{ probability: report.probability, windowEnd: report.windowEnd, unit: report.unit, hasControl: report.hasControl },
    segments: report.segments,
    clusters: report.clusters.map(({ scheme, method, k, sizes, fitted }) => ({
      ...{ scheme, method, k, fitted },
      sizes: publishedParts(sizes),
    })),
    campaigns: campaignSummaries(report),
    offers: report.offers && publishedOffers(report.offers),
    contactList: report.offers && report.contactList,
    outcomes: report.outcomes && publishedOutcomes(report.outcomes),
    stages: report.stages.map(({ name, status, seconds, peakMemory }) => ({ name, status, seconds, peakMemory })),
  };
}

/** Content of report.json. */
export function publicReport(report: RunReport, { identity, figures, clusterReport, quality, previous }: ReportExtras) {
  const summary = publicSummary(report);
  const { code, config, input } = identity;
  const campaigns = summary.campaigns.map((campaign, i) => ({ ...campaign, ...figures[i]! }));
  return {
    ...summary,
    inputs: { code, config, files: input, data: report.extract.dataHash, kernels: kernelHash },
    campaigns,
    clusterProfiles: clusterReport?.profiles ?? [],
    clusterChoices: clusterReport?.choices ?? [],
    drift: [...report.segments.drift, ...(clusterReport?.drift ?? [])],
    ...quality,
    previous: previous ? { run: previous.run, campaigns: changesSince(previous, campaigns) } : null,
  };
}

function changesSince(previous: PreviousReport, campaigns: readonly Comparable[]): CampaignChange[] {
  const before = new Map(previous.campaigns.map((campaign) => [campaign.campaign, campaign]));
  const difference = (now: PublishedCount, then: PublishedCount) => (now === null || then === null ? null : now - then);
  return campaigns.flatMap((now) => {
    const then = before.get(now.campaign);
    if (!then) return [];
    const shares = ({ products }: Comparable) => new Map(products.map(({ code, firstShare }) => [code, firstShare ?? 0]));
    const [a, b] = [shares(then), shares(now)];
    const moved = [...new Set([...a.keys(), ...b.keys()])].reduce(
      (sum, code) => sum + Math.abs((a.get(code) ?? 0) - (b.get(code) ?? 0)),
      0,
    );
    const { campaign } = now;
    return [
      {
        campaign,
        targets: difference(now.targets, then.targets),
        served: difference(now.served, then.served),
        firstShift: sixDecimals(moved / 2),
      },
    ];
  });
}
