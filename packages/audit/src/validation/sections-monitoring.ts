import { percent } from '@basketwise/data/base';
import { figureCell, type Part, percentCell, type Table, tableOf, unknownFigure } from '@basketwise/page';
import { barChart } from '@basketwise/page/charts';
import { gapCell, ratioCell, ratioChart } from './sections-quality.ts';
import { featuresUsed } from './sections-run.ts';
import type { ValidationFile } from './validation-file.ts';
import { testedWords } from './validation-text.ts';

type Loss = ValidationFile['losses'][number];

/** Loss of NDCG as a share of the NDCG before, if it is proven. */
function lossVerdict({ ndcg, lost }: Loss): string {
  if (lost === null) return unknownFigure;
  if (lost.level) return 'none proven';
  return ndcg > 0 ? `${lost.mean > 0 ? 'lost' : 'gained'} ${percent(Math.abs(lost.mean) / ndcg)}` : '';
}

/** Table of the NDCG of test customers after changes. */
function lossTable(caption: string, losses: readonly Loss[], length: number, none?: string): Table {
  const metric = `NDCG@${length}`;
  return tableOf(
    caption,
    losses,
    {
      campaign: 'campaign',
      change: 'change',
      'test customers': 'customers',
      'lists changed': ({ changed }) => percentCell(changed),
      'another first product': ({ otherFirst }) => percentCell(otherFirst),
      [metric]: 'ndcg',
      [`loss in ${metric}`]: ({ lost }) => gapCell(lost),
      verdict: lossVerdict,
    },
    { none },
  );
}

const isOfLearning = ({ change }: Loss) => change === 'one learning window less';

/** Section on robustness: changes of lists after the loss of a holding, and quality after wrong inputs. */
export function robustnessSection({ robustness, losses, length }: ValidationFile): Part[] {
  return [
    'In the newest window 5 % of the customers lose a random holding, together with all holdings of the same product. The same models then make their lists anew. A list counts as changed if an entry or the order of entries differs. The lost product can be recommended again.',
    tableOf(
      'Lists of these customers',
      robustness,
      {
        campaign: 'campaign',
        customers: 'customers',
        'lists changed': ({ changed }) => percentCell(changed),
        'changed, without the entry of the lost product': ({ changedOthers }) => percentCell(changedOthers),
      },
      { none: 'Not known.' },
    ),
    'A changed list can be as good as before. So a second test measures NDCG before and after a change: each test customer of all windows loses a product or all features, or gets the features of another test customer.',
    lossTable(
      'Test customers with wrong inputs',
      losses.filter((loss) => !isOfLearning(loss)),
      length,
      'Not known: fewer than 20 test customers.',
    ),
  ];
}

type Exposure = ValidationFile['exposure'][number];

function exposureParts({ column, campaign, groups, small }: Exposure, length: number): Part[] {
  const caption = `${column} in ${campaign}`;
  const hasProbability = groups.some(({ probability }) => probability !== null);
  const title = `${caption}: served share over that of the largest group`;
  const table = tableOf(caption, groups, {
    group: 'group',
    customers: 'customers',
    'with a list': 'served',
    share: ({ share }) => percentCell(share),
    'ratio to the largest': ({ largest, ratio, most }) => (largest ? 'largest' : ratioCell({ ratio, most })),
    ...(hasProbability && {
      'mean probability': ({ probability }: Exposure['groups'][number]) =>
        probability === null ? unknownFigure : percent(probability, 2),
    }),
    'test customers': 'tested',
    [`recall@${length}`]: ({ recall }) => figureCell(recall),
    'recall minus that of the largest': ({ largest, recallMinus }) => (largest ? 'largest' : gapCell(recallMinus)),
    'flag of the share': ({ flagged }) => (flagged ? 'below 0.8' : ''),
  });
  const chart = ratioChart(
    title,
    'ratio',
    groups.map(({ group, ratio }) => ({ label: group, ratio })),
  );
  const hidden = small > 0 ? [{ note: `Groups of too few customers, not shown: ${small}.` }] : [];
  return [{ fold: caption, parts: [...chart, table, ...hidden] }];
}

/** Section on exposure: shares of customers with a list, by groups of protected columns, then by features. */
export function exposureSection(file: ValidationFile): Part[] {
  const { exposure, featureExposure, length } = file;
  const about: Part[] =
    exposure.length === 0
      ? [{ note: 'No figures: no column is protected, or the run did not read it.' }]
      : [
          'No model uses these columns: a config that scores one is refused. A group is flagged if its share of customers with a list is below 0.8 of that of the largest group, not of the best served one: compare the shares, too. Target customers differ between groups, so a flag needs an explanation.',
          {
            note: `Groups are those of the customers table as the run read it; for recall, of the present table, also in past windows. Mean probability: of the list entries of the group in this run, the probability ${testedWords(file).probability}. Of many differences without a true one, about 5 in 100 are not level by chance.`,
          },
        ];
  const features: Part[] = [
    { heading: 'By features' },
    'The same shares by the features that models may use. No bound judges them: features decide which products a customer gets, and rules of eligibility can name them.',
    ...featureExposure.flatMap((shares) => exposureParts(shares, length)),
  ];
  return [
    ...about,
    featuresUsed(file),
    ...exposure.flatMap((shares) => exposureParts(shares, length)),
    ...(featureExposure.length === 0 ? [] : features),
  ];
}

type Comparison = ValidationFile['drift'][number];

function shiftTable(caption: string, variables: Comparison['variables']): Table {
  return tableOf(caption, variables, {
    variable: 'variable',
    of: ({ campaign }) => campaign ?? 'all customers',
    bins: 'bins',
    index: 'psi',
    noise: ({ noise }) => (noise === null ? unknownFigure : String(noise)),
    shift: ({ verdict }) => verdict ?? 'no verdict',
  });
}

function agreementTable(caption: string, lists: Comparison['lists']): Table {
  return tableOf(caption, lists, {
    campaign: 'campaign',
    customers: 'customers',
    'same first product': ({ sameFirst }) => percentCell(sameFirst),
    Jaccard: 'jaccard',
    'rank-biased overlap': 'overlap',
  });
}

/** Text on the random parts of the fits. */
function seedTexts({ models }: ValidationFile): string[] {
  const random = models.flatMap((model) => (model.random.length > 0 ? [`${model.campaign} (${model.random.join(', ')})`] : []));
  const none = models.flatMap((model) => (model.random.length === 0 ? [model.campaign] : []));
  return [
    ...(none.length === 0 ? [] : [`No random part: ${none.join(', ')}. Another seed makes the same lists.`]),
    ...(random.length === 0
      ? []
      : [`A seed of the config draws a part of the fit: ${random.join('; ')}. Lists with another seed are not measured.`]),
  ];
}

/** Section on stability: from the newest window to the run, and with one learning window less. */
export function stabilitySection(file: ValidationFile): Part[] {
  const { since, losses, length } = file;
  const less = losses.filter(isOfLearning);
  const changes: Part[] =
    since === null
      ? [{ note: 'Not known: it needs test windows and dates.' }]
      : [
          `From ${since.at}, the training date of the newest window, to the run: customers, purchases of the window before each date, and lists of models learned anew. Of these, the bound psi judges features and products held.`,
          {
            note: 'Lists have no verdict: models learned anew from few purchases move the lists of many customers at once. Purchases / expected by window, in the section on calibration, is the error of the level of probabilities.',
          },
          shiftTable(`Shift since ${since.at}`, since.variables),
          agreementTable(`Lists of customers with one on ${since.at} and in the run`, since.lists),
        ];
  return [
    ...seedTexts(file),
    ...changes,
    less.length === 0 ? null : 'In each window the weights were also learned without the newest learning window before it.',
    lossTable('Lists of models that learned from one window less', less, length),
  ];
}

/** Section on drift: comparisons with earlier runs. */
export function driftSection({ drift, length }: ValidationFile): Part[] {
  if (drift.length === 0) return [{ note: 'There is no earlier run to compare with.' }];
  return [
    'The population stability index of customers has a noise: the mean index without any shift. Above the noise, it is stable below 0.1, and shifted above 0.25. That of lists also has the change of the models, which each run fits anew: compare it with that of earlier runs. Lists of an earlier run that do much worse on later purchases than the model in the newest test window are a sign that a model uses data of a later date.',
    ...drift.flatMap(({ against, referenceDate, variables, lists, realised }): Part[] => {
      const bars = variables
        .map(({ variable, campaign, psi }) => ({ label: campaign === null ? variable : `${campaign}: ${variable}`, value: psi }))
        .sort((a, b) => b.value - a.value);
      return [
        { heading: `Against ${against}, as of ${referenceDate}` },
        bars.length === 0 ? null : barChart(`Population stability index against ${against}`, 'index', bars),
        shiftTable('Shift of variables', variables),
        agreementTable('Lists of customers with one in both runs', lists),
        tableOf('Lists of the earlier run on the purchases since', realised, {
          campaign: 'campaign',
          customers: 'customers',
          [`NDCG@${length}`]: 'ndcg',
          'over that of the newest test window': ratioCell,
        }),
      ];
    }),
  ];
}
