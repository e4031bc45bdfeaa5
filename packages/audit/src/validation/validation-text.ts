import { countWords, percent } from '@basketwise/data/base';
import { formatNumber, wrapped } from '@basketwise/page';
import type { Validation, ValidationFile } from './validation-file.ts';

/** Short text of a difference or ratio with its interval. */
export function intervalWords(value: number, { low, high }: { low: number; high: number }): string {
  return `${Number(value.toPrecision(3))} (${Number(low.toPrecision(3))} to ${Number(high.toPrecision(3))})`;
}

/** Short text of a difference with its interval, and whether it is level. */
export function gapWords(gap: { mean: number; low: number; high: number; level: boolean }): string {
  return `${intervalWords(gap.mean, gap)}${gap.level ? ', level' : ''}`;
}

/** Published number of customers for a sentence, with thousands grouped. */
export function groupedCount(count: number | null): string {
  return count === null ? countWords(count) : formatNumber(count);
}

/** Label of a group. A product has its code, then its name. */
export function labelWords({ products }: Pick<ValidationFile, 'products'>, by: string, label: string): string {
  const name = by === 'product' ? products[label] : undefined;
  return name === undefined ? label : `${label} ${name}`;
}

type Shift = ValidationFile['drift'][number]['variables'][number];

/** Variable with the largest index of shift; undefined without variables. */
function largestShift(variables: readonly Shift[]): Shift | undefined {
  return [...variables].sort((a, b) => b.psi - a.psi)[0];
}

/** Text on a comparison with an earlier date: number of properties of customers that shifted, and largest shifts, also of lists. */
function shiftWords({ against, variables }: Pick<ValidationFile['drift'][number], 'against' | 'variables'>): string {
  const judged = variables.filter(({ verdict }) => verdict !== null);
  const shifted = judged.filter(({ verdict }) => verdict !== 'stable');
  const [worst, ofLists] = [shifted, variables.filter(({ verdict }) => verdict === null)].map(largestShift);
  const most = worst === undefined ? '' : `, most ${worst.variable} (${worst.psi})`;
  return [
    `${shifted.length} of ${judged.length} against ${against}${most}`,
    ...(ofLists === undefined
      ? []
      : [`largest index of lists, which have no verdict: ${ofLists.variable} of ${ofLists.campaign} (${ofLists.psi})`]),
  ].join('; ');
}

/** Text on the challenger with the smallest difference, if it is smaller than that of the best popularity list; otherwise empty. */
function closerWords({ campaign, gain, challengers }: ValidationFile['quality'][number]): string[] {
  if (gain === null) return [];
  const compared = challengers.flatMap(({ name, minus }) => (minus !== null && minus.mean < gain.mean ? [{ name, minus }] : []));
  const [closest] = compared.sort((a, b) => a.minus.mean - b.minus.mean);
  if (closest === undefined) return [];
  const { name, minus } = closest;
  return [`${campaign} ${gapWords(minus)} (${name})`];
}

/** Range of the errors of calibration that the tests of slices find in 80 %; empty without tests. */
function powerWords({ compared }: ValidationFile['slices']): string {
  const seen = compared.flatMap((one) => (one.measure === 'calibration' ? [one.seen] : []));
  if (seen.length === 0) return '';
  return `; of calibration, a test finds four times of five a ratio that is ${Math.min(...seen)} to ${Math.max(...seen)} times that of all others, the larger number in small groups`;
}

/** Groups by protected columns and features whose recall differs from that of the largest group, with the number of known differences. */
function recallWords({ exposure, featureExposure }: ValidationFile): string {
  const known = [...exposure, ...featureExposure].flatMap(({ column, campaign, groups }) =>
    groups.flatMap(({ group, recallMinus }) =>
      recallMinus === null ? [] : [{ of: `${column} ${group} in ${campaign}`, recallMinus }],
    ),
  );
  const apart = known
    .filter(({ recallMinus }) => !recallMinus.level)
    .map(({ of, recallMinus }) => `${of} ${gapWords(recallMinus)}`);
  return [`${apart.length} of ${known.length} known differences`, ...apart].join('; ');
}

/** Words for the products by which lists are tested: later purchases or, if holdings have no dates, products held out of baskets. */
export function testedWords({ data, windows }: Pick<ValidationFile, 'data' | 'windows'>) {
  const tested = windows.length === 1 ? 'test window' : 'test windows';
  return data.first === null
    ? {
        heading: 'Quality on products held out',
        how: 'Holdings have no dates. Models are trained without some holdings, and tested on them:',
        ...{ asOf: 'tested on holdings as of', customers: 'with a product held out', bought: 'held out' },
        ratio: 'held out / expected',
        calibration: 'Products held out that are in the list, over the sum of the probabilities of the next product; 1 is best.',
        learned:
          'Customers are in folds. A model that a run learns is learned from the folds that are not tested, and so is the calibration of its probabilities. A model named in the config has the parameters of the config.',
        probability: 'that the next product of the customer is this one',
        limit: 'A list is tested by products held out of the basket of its customer, not by later purchases.',
        meaning: 'Probabilities are of the next product of a customer; they do not measure the effect of an offer.',
      }
    : {
        heading: 'Quality on later purchases',
        how: 'Models are trained as of a date, and tested on the purchases after it:',
        ...{
          asOf: 'tested on purchases up to',
          customers: 'who held a product before and purchased one of the campaign',
          bought: 'purchases',
        },
        ratio: 'purchases / expected',
        calibration: `Purchases of listed products in the ${tested}, over the sum of the probabilities of the list entries; 1 is best. All customers with a list count, also those without a product before: the numbers differ from those of test customers in the section on quality. A score only orders products: a logistic regression on the purchases of the newest window before a date, with a level from a forecast of sales, makes probabilities of it.`,
        learned:
          'In each window, a model that a run learns has weights, ridge and probabilities learned only from purchases up to the training date. The purchases of the window are not used. A model named in the config has the parameters of the config. The weights in the section on models are those of the run, learned from purchases up to its own reference date.',
        probability: 'that the customer purchases the product in a window as long as the test window',
        limit: 'A list is tested by later purchases of all customers, whether or not an offer was made.',
        meaning: 'Probabilities are of purchases without regard to an offer; they do not measure the effect of an offer.',
      };
}

/** Figures of campaigns in a sentence, with the campaigns that lack the figure. */
function byCampaign({ models }: ValidationFile, figures: readonly { campaign: string; text: string }[]): string {
  const known = new Set(figures.map(({ campaign }) => campaign));
  const unknown = models.flatMap(({ campaign }) => (known.has(campaign) ? [] : [campaign]));
  const texts = figures.map(({ campaign, text }) => `${campaign} ${text}`);
  if (texts.length === 0) return 'not known';
  return [...texts, ...(unknown.length === 0 ? [] : [`not known: ${unknown.join(', ')}`])].join('; ');
}

/** Campaigns without a known difference to the best popularity list. */
export function untestedCampaigns({ models, quality }: ValidationFile): string[] {
  const known = new Set(quality.flatMap(({ campaign, gain }) => (gain === null ? [] : [campaign])));
  return models.flatMap(({ campaign }) => (known.has(campaign) ? [] : [campaign]));
}

/** Sentence on the campaigns whose lists are not shown to be better than a popularity list; empty without such campaigns. */
export function unproven(file: ValidationFile): string[] {
  const campaigns = untestedCampaigns(file);
  if (campaigns.length === 0) return [];
  return [
    `Quality is not known for ${campaigns.length} of ${file.models.length} campaigns: ${campaigns.join(', ')}. This pack is no evidence for the use of their lists.`,
  ];
}

/** Summary table: one figure of each section, as rows of a name and a value. */
export function summaryRows(file: ValidationFile): [string, string][] {
  const { quality, calibration, slices, exposure, drift, since, robustness, losses } = file;
  const gains = quality.flatMap(({ campaign, gain }) => (gain ? [{ campaign, text: gapWords(gain) }] : []));
  const closer = quality.flatMap(closerWords);
  const all = calibration
    .filter(({ by }) => by === 'all')
    .flatMap(({ campaign, groups }) => {
      const ratio = groups[0]?.ratio;
      return ratio ? [{ campaign, text: intervalWords(ratio.value, ratio) }] : [];
    });
  const flagged = exposure.flatMap(({ column, campaign, groups }) =>
    groups.filter((group) => group.flagged).map(({ group }) => `${column} ${group} in ${campaign}`),
  );
  const earlier = since === null ? [] : [{ ...since, against: `the newest window, as of ${since.at}` }];
  const shifted = [...drift, ...earlier].map(shiftWords);
  const agreeing = (drift[0] ?? since)?.lists.flatMap(({ campaign, sameFirst }) =>
    sameFirst === null ? [] : [{ campaign, text: percent(sameFirst) }],
  );
  const lost = losses.flatMap(({ campaign, change, lost: of }) =>
    of === null || change !== 'a lost product' ? [] : [{ campaign, text: intervalWords(of.mean, of) }],
  );
  const changed = robustness.flatMap(({ campaign, changed: share }) =>
    share === null ? [] : [{ campaign, text: percent(share) }],
  );
  const listed = (texts: readonly string[], none: string) => (texts.length === 0 ? none : texts.join('; '));
  return [
    ['NDCG minus the best popularity list', byCampaign(file, gains)],
    ['NDCG minus a challenger closer than that', listed(closer, gains.length === 0 ? 'not known' : 'no challenger is closer')],
    [testedWords(file).ratio, byCampaign(file, all)],
    ['weak slices', `${slices.weak.length} of ${slices.tests} tests of groups${powerWords(slices)}`],
    ['groups by protected columns with exposure below 0.8', listed(flagged, 'none')],
    ['recall that differs from that of the largest group', recallWords(file)],
    ['shifted properties of customers and purchases', listed(shifted, 'not known')],
    [
      drift.length === 0 && since !== null
        ? `same first product as on ${since.at}, in the newest window`
        : 'same first product as before',
      byCampaign(file, agreeing ?? []),
    ],
    ['lists changed where a test removed a product', byCampaign(file, changed)],
    ['NDCG lost where a test removed a product', byCampaign(file, lost)],
  ];
}

/** Sentence on a figure beyond a bound. */
export function triggerSentence({ bound, limit, found, where }: ValidationFile['triggers'][number]): string {
  if (bound === 'next_review') return `validation.next_review was ${limit}, and ${where} is as of ${found}.`;
  return `validation.bounds.${bound} is ${limit}, and ${where} has ${found}.`;
}

/** Text of a validation pack for the terminal: summary, figures beyond bounds, and paths of the files. */
export function validationText(validation: Validation): string {
  const { inventory, triggers, missing, page, card, unsignable } = validation;
  const rows = summaryRows(validation);
  return [
    wrapped(`Run ${inventory.run}, as of ${inventory.referenceDate}, for ${inventory.owner}.`),
    '\n',
    ...rows.map(([name, text]) => wrapped(`${name}: ${text}`)),
    ...unproven(validation).map((text) => wrapped(text)),
    ...(missing.length > 0 ? ['\n', ...missing.map((text) => wrapped(text))] : []),
    '\n',
    ...(triggers.length > 0
      ? ['Beyond bounds:\n', ...triggers.map((one) => wrapped(triggerSentence(one), { indent: '  ' }))]
      : []),
    `page: ${page}\nmodel card: ${card}\n`,
    ...(unsignable === undefined ? [] : [wrapped(`not in the folder of the run: ${unsignable}`)]),
  ].join('');
}
