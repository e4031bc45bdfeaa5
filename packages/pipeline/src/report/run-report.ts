import type { ClusterSummary, SegmentTable } from '@basketwise/clusters';
import { kernelHash, type PlainDate } from '@basketwise/core/parts';
import type { SnapshotManifest } from '@basketwise/data';
import {
  type PublishedCount,
  publishedCount,
  publishedParts,
  publishedRecord,
  publishedSizes,
  publishedValue,
} from '@basketwise/data/published';
import type { Outcomes } from '@basketwise/offers';
import { type OfferSummary, publishedOffers, publishedOutcomes } from '@basketwise/offers';
import type { CampaignChoice, CampaignVerdict, PublishedCampaign } from '@basketwise/recommend';
import { z } from 'zod';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import type { ProbabilityMeaning } from '../config/calibrates.ts';
import type { FeatureSummary } from '../features/feature-summary.ts';
import type { RunIdentity } from '../run/identity.ts';
import type { StageState } from '../run/run-state.ts';
import type { ClusterReport } from './cluster-report.ts';
import { type EarlierWindows, publishedEarlier } from './earlier-windows.ts';
import { type CampaignFigures, sixDecimals } from './figures.ts';
import { publishedFunnel } from './published-funnel.ts';
import { publishedVerdict } from './published-scores.ts';
import type { QualityFigures } from './quality-figures.ts';

/** Version of report.json's shape. Raised if a field is removed or changes its meaning. */
const reportVersion = 6;

/** All results of a run, as data: the source of the terminal's text, report.json, report.html and manifest.json. */
export interface RunReport {
  run: string;
  referenceDate: PlainDate;
  /** Absolute path of the run folder. */
  folder: string;
  extract: SnapshotManifest;
  /** Classes named by the config. Others of the products table are values of the data. */
  classes: ReadonlySet<string>;
  /** Null without features. */
  features: FeatureSummary | null;
  segments: SegmentTable;
  clusters: readonly ClusterSummary[];
  /** Choices of the campaigns whose model is automatic. */
  choices: readonly CampaignChoice[];
  trainings: readonly CampaignTraining[];
  /**
   * Verdict on each campaign's lists in the newest window, in the order of the config. Null without held-out data, or if too few
   * customers purchased.
   */
  verdicts: readonly (CampaignVerdict | null)[];
  /** Meaning of `probability` in the lists; null without it. */
  probability: ProbabilityMeaning | null;
  /** Purchases of earlier windows against their forecast, in the order of the config; null without probabilities. */
  earlier: readonly (EarlierWindows | null)[];
  /** Campaigns in the order of the config. */
  campaigns: readonly PublishedCampaign[];
  /** Null without offers. */
  offers: OfferSummary | null;
  /** Contact list: its file, and the approvals that publish the run; null: its end does. */
  contactList: { file: string; approvals: number | null } | null;
  /** Outcomes of earlier runs. Null without offers. */
  outcomes: Outcomes | null;
  warnings: readonly string[];
  /** Stages of this run. */
  stages: readonly StageState[];
}

/**
 * Publishes the rows of the customers table. A row read is retained or has no id. Customers without holdings are part of those
 * retained.
 */
function publishedCustomers({ read, nullId, joinedLater = 0, kept, withoutHoldings }: SnapshotManifest['customers']) {
  const rows = publishedRecord({ nullId, joinedLater, kept }, read);
  const holders = publishedRecord({ withoutHoldings, holders: kept - withoutHoldings }, kept);
  return { read: publishedCount(read), ...rows, withoutHoldings: holders.withoutHoldings };
}

/** Publishes the rows of the holdings table by outcome. Rows are rounded like customers, as one row is often one customer. */
function publishedHoldings({
  read,
  afterReference,
  closed,
  undated,
  repeated = 0,
  joinedLater = 0,
  ...parts
}: SnapshotManifest['holdings']) {
  const some = {
    afterReference: publishedCount(afterReference),
    closed: publishedCount(closed),
    undated: publishedCount(undated),
  };
  return { read: publishedCount(read), ...publishedRecord({ ...parts, joinedLater, repeated }, read), ...some };
}

/** Publishes models and their numbers of training customers. Models of too few customers have no other figures. */
function publishedFits(fits: CampaignTraining['fits']) {
  const shown = publishedParts(
    fits.map(({ customers }) => customers),
    fits.reduce((sum, { customers }) => sum + customers, 0),
  );
  return fits.map(({ baskets, objective, ...fit }, i) => ({
    ...fit,
    customers: shown[i]!,
    baskets: shown[i] === null ? null : publishedCount(baskets),
    objective: shown[i] === null || objective === null ? null : publishedValue(objective),
  }));
}

/** Evidence of a choice of model. Null if the config names the model. */
function publishedModelChoice(choice: CampaignChoice | undefined) {
  if (choice === undefined) return null;
  const { window, customers, tested, trials, decision } = choice;
  const decided = decision && { decision: { ...decision, tested: publishedCount(decision.tested) } };
  return { window, customers: publishedCount(customers), tested: publishedCount(tested), trials, ...decided };
}

/** Figures of the report besides the run's own numbers. */
export interface ReportExtras {
  identity: RunIdentity;
  figures: readonly CampaignFigures[];
  clusterReport: ClusterReport | undefined;
  quality: QualityFigures;
  /** report.json of the last successful run before this one. */
  previous: PreviousReport | undefined;
}

/** Content of report.json, which report.html shows: the run's figures, without small counts. */
export type PublicReport = ReturnType<typeof publicReport>;

/** Figures of a campaign that are compared with the previous run. */
interface Comparable {
  campaign: string;
  targets: PublishedCount;
  served: PublishedCount;
  products: readonly Pick<CampaignFigures['products'][number], 'code' | 'firstShare'>[];
}

const nullableCount = z.number().nullable();

/** Parts of the previous run's report.json in use. */
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

/** Change of a campaign since the previous run. Null if one of the counts is too small to publish. */
export interface CampaignChange {
  campaign: string;
  targets: number | null;
  served: number | null;
  /** Share of lists whose first product changed: half the sum of the differences of published first-entry shares. */
  firstShift: number;
}

function namedOnly(counts: Readonly<Record<string, number>>, names: ReadonlySet<string>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => names.has(name)));
}

/** Figures of each campaign, without those of its products and scores. */
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

/** Run with publishable figures: the output of `run --json`, without small counts. */
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
    probability: report.probability,
    segments: report.segments,
    clusters: report.clusters.map(({ scheme, method, k, sizes, fitted }) => ({
      ...{ scheme, method, k, fitted },
      sizes: publishedSizes(sizes),
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
