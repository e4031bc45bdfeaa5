import { reasonAmong } from '@basketwise/core';
import { percent } from '@basketwise/data/base';
import { textTable } from '@basketwise/page';
import type {
  CampaignExplanation,
  CustomerExplanation,
  ExplainedRecommendation,
  OfferExplanation,
  OfferOutcome,
  Reasons,
} from './explanation.ts';

/** Largest number of excluded products that are named. The number of all others is given. */
const namedProducts = 5;

const statusTexts: Readonly<Record<CampaignExplanation['status'], string>> = {
  served: 'recommended',
  suppressed: 'nothing recommended: suppressed',
  'no-product-left': 'nothing recommended: holds all that is on sale',
  'no-target': 'not a target of this campaign',
};

/** Explanation as text for the terminal. */
export function explanationText(explanation: CustomerExplanation): string {
  const { run, referenceDate, clusters, holdings, failedRules, probability, campaigns, offers } = explanation;
  const held = holdings.map(({ name, code, class: of, since, weight }) => [
    `  ${name}`,
    code,
    of,
    since ?? 'undated',
    `weight ${weight}`,
  ]);
  const rules = failedRules.map(({ reason, class: of, products = [], require, outcome }) => {
    const found = outcome === 'null' ? 'unknown: a value is missing' : 'not true';
    const about = products.length > 0 ? ` (${products.join(', ')})` : of === null ? '' : ` (${of})`;
    return `  ${reason}${about}: ${require} is ${found}`;
  });
  return [
    `run ${run}, as of ${referenceDate}`,
    `clusters: ${clusters.map(({ scheme, cluster }) => `${scheme} ${cluster}`).join(', ') || 'none'}`,
    '',
    ...(held.length > 0 ? ['holds', textTable(held).trimEnd()] : ['holds nothing']),
    ...(rules.length > 0 ? ['', 'fails the rules', ...rules] : []),
    ...campaigns.flatMap((campaign) => ['', ...campaignLines(campaign, probability)]),
    ...(offers ? ['', ...offerLines(offers)] : []),
    '',
  ].join('\n');
}

const armTexts: Readonly<Record<OfferExplanation['arm'], string>> = {
  contacted: 'contacted',
  control: 'in the control, never contacted',
  none: 'no offer',
};

function offerLines({ arm, variant, offers, campaigns }: OfferExplanation): string[] {
  const hypothetical = arm !== 'control' ? '' : offers.length > 0 ? '; would be offered' : '; nothing would be offered';
  const reasons = campaigns.filter(({ status }) => status !== 'offered' && status !== 'control');
  return [
    `offers: ${armTexts[arm]}${hypothetical}${variant === null ? '' : ` (variant ${variant})`}`,
    ...offers.flatMap(({ order, name, code, campaign, value, probability }) => [
      `  ${order}  ${name} (${code}), ${campaign}: value ${Number(value.toPrecision(6))} x probability ${probability.toFixed(4)} = ${(value * probability).toFixed(4)}`,
    ]),
    ...reasons.map((one) => `  ${one.campaign}: ${whyNotText(one)}`),
  ];
}

function whyNotText({ status, coolOff, capacities }: OfferOutcome): string {
  switch (status) {
    case 'not-recommended':
      return 'nothing is recommended (see above)';
    case 'other-variant':
      return 'not offered in this variant';
    case 'cool-off':
      return `all recommended products cool off, up to and including ${coolOff}`;
    case 'no-value':
      return 'the value of the recommended products is 0';
    case 'worth-less':
      return 'another offer has more value';
    case 'never-together':
      return 'never offered together with another offer';
    default:
      return `other customers gain more${capacities.length > 0 ? `: used up is ${capacities.join(', ')}` : ''}`;
  }
}

function campaignLines(
  { campaign, status, cluster, recommendations, suppressed }: CampaignExplanation,
  meaning: CustomerExplanation['probability'],
): string[] {
  const where = cluster === null ? '' : `, cluster ${cluster}`;
  const kept = suppressed.map(({ reason, products }) => {
    const names = products.slice(0, namedProducts).map(({ name }) => name);
    const more = products.length - names.length;
    return `  by ${reason}: ${products.length} products: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
  return [
    `${campaign}${where}: ${statusTexts[status]}`,
    ...recommendations.flatMap((one) => recommendationLines(one, cluster, meaning)),
    ...kept,
  ];
}

function recommendationLines(
  { rank, code, name, score, probability, source, reasons }: ExplainedRecommendation,
  cluster: number | null,
  meaning: CustomerExplanation['probability'],
): string[] {
  const what = meaning === 'next product' ? 'probability as the next product' : 'probability';
  const chance = probability === null ? '' : `, ${what} ${probability.toFixed(4)}`;
  const head = `  ${rank}  ${name} (${code}): score ${score.toFixed(4)}${chance}, ${source}`;
  if (source === 'popularity') {
    const among = cluster === null ? 'all customers' : 'their cluster';
    return [head, `     popular: purchased by ${percent(score)} of ${among} in the last year`];
  }
  if (!reasons) return [head, '     this kind of model gives no reasons'];
  const parts = [
    ...reasons.contributions.map(({ name: held, value }) => [held, value] as const),
    ...(reasons.exact === null ? [] : [[sameBasketText(reasons), reasons.exact] as const]),
    ...reasons.features.map(({ feature, level, value }) => [`${feature} ${level}`, value] as const),
    ['baseline', reasons.baseline] as const,
  ];
  const lines = textTable(parts.map(([held, value]) => [`     ${held}`, `${value < 0 ? '' : '+'}${value.toFixed(4)}`]));
  return [head, `     ${mainReason(score, reasons)}`, ...lines.trimEnd().split('\n')];
}

/** Main reason for a product, in words that can be shown to the customer. */
function mainReason(score: number, reasons: Reasons): string {
  const { contributions, exact, mean, features } = reasons;
  const [held, known] = [contributions[0], features[0]];
  const values = [held?.value, exact ?? undefined, known?.value].map((value) => value ?? Number.NEGATIVE_INFINITY);
  switch (reasonAmong({ score, mean }, values)) {
    case 0:
      return `mainly because they hold ${held!.name}`;
    case 1:
      return `mainly because ${sameBasketText(reasons)} take it`;
    case 2:
      return `mainly because customers like them (${known!.feature} ${known!.level}) take it more often`;
    default:
      return 'mainly because many customers take it';
  }
}

function sameBasketText({ contributions }: Reasons): string {
  return contributions.length > 0 ? 'customers with the same products' : 'customers without products';
}
