import { mainOutcomes } from '@basketwise/offers';
import type { publicSummary } from '../report/run-report.ts';
import type { RunResults } from './run-results.ts';

/** Numbers of customers, holdings and products that a run read, rounded for publication. Null if too small to publish. */
export interface DataFigures {
  customers: number | null;
  holdings: number | null;
  products: number;
}

/** Offers of a run and the effect of earlier offers, in publishable figures. Both are null if the config has no offers. */
export type OfferFigures = Pick<ReturnType<typeof publicSummary>, 'offers' | 'outcomes'>;

/** Metric with its samples, as in Prometheus: one name, and a value for each set of labels. */
interface MetricFamily {
  name: string;
  help: string;
  samples: readonly { labels?: Readonly<Record<string, string>>; value: number | null }[];
}

/**
 * Metrics of a run in Prometheus' text format, for node_exporter's textfile collector.
 * @param figures data and offers of the run; null if it failed
 * @param lastSuccess end of the last successful run, which may be this one
 */
export function metricsText(
  results: RunResults,
  { data, offers }: { data: DataFigures | null; offers: OfferFigures | null },
  lastSuccess: Date | null,
): string {
  const families = [...aboutRun(results, lastSuccess), ...aboutData(data), ...aboutCampaigns(results)];
  const ofOffers = offers ? [...(offers.offers ? aboutOffers(offers.offers) : []), ...aboutEffect(offers)] : [];
  return [...families, ...ofOffers].map(familyText).join('');
}

function aboutRun(results: RunResults, lastSuccess: Date | null): MetricFamily[] {
  const { status, exitCode, endedAt, seconds, stages, warnings } = results;
  const one = (name: string, help: string, value: number | null): MetricFamily => ({ name, help, samples: [{ value }] });
  const perStage = (value: (stage: RunResults['stages'][number]) => number): MetricFamily['samples'] =>
    stages.map((stage) => ({ labels: { stage: stage.name, status: stage.status }, value: value(stage) }));
  return [
    one('run_success', '1 if the last run succeeded', status === 'finished' ? 1 : 0),
    one('run_exit_code', 'Exit code of the last run', exitCode),
    one('run_end_timestamp_seconds', 'When the last run ended', Date.parse(endedAt) / 1000),
    one('run_duration_seconds', 'How long the last run took', seconds),
    one('run_warnings', 'Warnings of the last run', warnings.length),
    one('last_success_timestamp_seconds', 'When a run last succeeded', lastSuccess && lastSuccess.getTime() / 1000),
    {
      name: 'stage_duration_seconds',
      help: 'How long a stage of the last run took',
      samples: perStage(({ seconds: took }) => took),
    },
    one(
      'peak_memory_bytes',
      'Peak resident memory of the last run',
      Math.max(0, ...stages.map(({ peakMemory }) => peakMemory)) * 2 ** 20,
    ),
  ];
}

function aboutData(data: DataFigures | null): MetricFamily[] {
  if (data === null) return [];
  return Object.entries(data).map(([name, value]) => ({ name, help: `${name} that the last run read`, samples: [{ value }] }));
}

function aboutCampaigns({ campaigns }: RunResults): MetricFamily[] {
  const family = (name: string, help: string, value: (one: RunResults['campaigns'][number]) => number | null): MetricFamily => ({
    name: `campaign_${name}`,
    help,
    samples: campaigns.map((one) => ({ labels: { campaign: one.campaign }, value: value(one) })),
  });
  return [
    family('targets', 'Target customers of a campaign', ({ targets }) => targets),
    family('served', 'Customers with a list', ({ served }) => served),
    family('rows', 'Recommendations', ({ rows }) => rows),
    family('coverage_ratio', 'Share of the products that are in a list', ({ appearing, recommendable }) =>
      recommendable === 0 ? null : appearing / recommendable,
    ),
    family('ndcg', 'NDCG@5 of the lists in past windows', ({ verdict }) => verdict?.ndcg ?? null),
    family('ndcg_gain', 'NDCG@5 of the lists less that of the best best sellers', ({ verdict }) => verdict?.difference ?? null),
    family('ndcg_gain_low', 'Lower end of the 95 % interval of the gain', ({ verdict }) => verdict?.low ?? null),
  ];
}

function aboutOffers(offers: NonNullable<OfferFigures['offers']>): MetricFamily[] {
  const one = (name: string, help: string, value: number | null): MetricFamily => ({ name, help, samples: [{ value }] });
  const byCampaign = (value: (of: (typeof offers.campaigns)[number]) => number | null): MetricFamily['samples'] =>
    offers.campaigns.map((of) => ({ labels: { campaign: of.campaign }, value: value(of) }));
  const byCapacity = (value: (of: (typeof offers.capacities)[number]) => number | null): MetricFamily['samples'] =>
    offers.capacities.map((of) => ({ labels: { capacity: of.name }, value: value(of) }));
  return [
    one('offers_value', 'Expected value of all offers', offers.worth),
    one('offers_gap_ratio', 'Distance of the value from its upper bound, as a share of the bound', offers.gap),
    one('offers_control_customers', 'Customers of the control', offers.control.customers),
    {
      name: 'campaign_contacted',
      help: 'Customers with an offer to contact',
      samples: byCampaign(({ offered }) => offered),
    },
    { name: 'campaign_offers', help: 'Offers to contact', samples: byCampaign((of) => of.offers) },
    { name: 'capacity_used', help: 'Offers that a capacity counts', samples: byCapacity(({ used }) => used) },
    { name: 'capacity_most', help: 'Most offers of a capacity', samples: byCapacity(({ most }) => most) },
    { name: 'capacity_price', help: 'Value of one more offer', samples: byCapacity(({ price }) => price) },
  ];
}

/** Effect of earlier offers against the control, for each campaign. The effect over all campaigns has an empty campaign label. */
function aboutEffect({ outcomes }: OfferFigures): MetricFamily[] {
  const shown = mainOutcomes(outcomes?.outcomes ?? []).filter(({ isProof }) => isProof);
  const family = (name: string, help: string, end: 'value' | 'low' | 'high'): MetricFamily => ({
    ...{ name, help },
    samples: shown.map(({ value, difference }) => ({ labels: { campaign: value }, value: difference?.[end] ?? null })),
  });
  return [
    family('effect_ratio', 'Share of buyers among the contacted less that of the control', 'value'),
    family('effect_ratio_low', 'Lower end of the 95 % interval of the effect', 'low'),
    family('effect_ratio_high', 'Upper end of the 95 % interval of the effect', 'high'),
  ];
}

/** Lines of a metric, without samples of unknown value. */
function familyText({ name, help, samples }: MetricFamily): string {
  const known = samples.filter(({ value }) => value !== null);
  if (known.length === 0) return '';
  const full = `basketwise_${name}`;
  const lines = known.map(({ labels = {}, value }) => `${full}${labelsText(labels)} ${value}\n`);
  return `# HELP ${full} ${help}.\n# TYPE ${full} gauge\n${lines.join('')}`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelText(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function labelText(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
