import { type Cell, type Html, html, table } from '@basketwise/page';
import type { ValidationFile } from './validation-file.ts';

type Assumption = readonly [assumption: string, answer: string];

/** Assumption on the purchases by which models are trained and tested. */
function demandAssumption(isDated: boolean): Assumption {
  const without = 'a control group (offers.control) measures the effect of an offer, in the outcomes of a run';
  return isDated
    ? [
        'Past purchases, with or without an offer, show what customers want next.',
        `Not tested here. If an offer changes demand by product, the best order of offers is another: ${without}.`,
      ]
    : [
        'A product held out of a basket stands for the next purchase.',
        `Not tested: holdings have no dates. Products held for long may not be wanted today; ${without}.`,
      ];
}

/** Assumptions of models with learned weights. */
const learnedAssumptions: readonly Assumption[] = [
  [
    'The ratio of the probabilities of two products does not depend on the other candidates (independence of irrelevant alternatives).',
    'Not tested alone. If it fails, close substitutes get too much probability: calibration by product shows such products.',
  ],
  [
    'The prior of the weights, from generated banks, suits this bank.',
    'Not tested alone. It counts as about 10 purchases: the section on models gives the purchases of each campaign. With few, the weights are nearly the prior, and the quality is usually not known.',
  ],
];

/** Assumptions on customers, dates and intervals, for banks with dates. */
const datedAssumptions: readonly Assumption[] = [
  [
    'What was learned from past windows holds in the next one.',
    'Tested: the models of a window learn only from data before it, with figures by window; stability compares the newest window with the run, drift compares runs.',
  ],
  [
    "Rules, segments and protected columns of a past window are those of today's customers table.",
    'Not tested. Figures of the test windows by a column that changes are of the groups of today. Shares with a list are of the run itself, and not affected.',
  ],
  [
    'Features and clusters of a past window are as of its date: from earlier states of the customers table, or because the config calls a feature fixed.',
    'If a column changes after a purchase, and is called fixed, quality looks better than it is. The table of features says what holds for each. Lists of an earlier run on later purchases (section on drift) would show it.',
  ],
];

/** Assumption on other columns, for banks with protected columns. */
const protectedAssumption: Assumption = [
  'Columns that models rank by, and holdings, do not stand for a protected column.',
  'Not tested alone: the config is checked for the columns themselves. The section on protected columns has the result by group: lists, probabilities and recall.',
];

const customerAssumptions: readonly Assumption[] = [
  [
    'Customers, and the entries of one customer, are independent of each other.',
    'Not tested. If purchases come together, intervals of calibration are too short. Intervals of NDCG resample customers, so several purchases of one customer do no harm.',
  ],
];

/** Section on assumptions: each with its test in the pack, or its consequence. */
export function assumptionSection({ data, models, exposure }: ValidationFile): Html {
  const isDated = data.first !== null;
  const isLearned = models.some(({ kind }) => kind === 'next-purchase');
  const rows: Assumption[] = [
    demandAssumption(isDated),
    ...(isLearned ? learnedAssumptions : []),
    ...(isDated ? datedAssumptions : []),
    ...(exposure.length > 0 ? [protectedAssumption] : []),
    ...customerAssumptions,
  ];
  return html`<h2 id="assumptions">Assumptions</h2>${table(
    'Assumptions, with their test or consequence',
    ['assumption', 'test, or consequence if it fails'],
    rows.map((row): Cell[] => [...row]),
  )}`;
}
