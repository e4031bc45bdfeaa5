import { type Cell, type Html, html, table } from '@basketwise/page';
import type { ValidationFile } from './validation-file.ts';
import { testedWords } from './validation-text.ts';

type Words = ReturnType<typeof testedWords>;

/** Meaning of rounded numbers and of empty cells. */
const numbers: readonly (readonly [string, string])[] = [
  ['number of customers or purchases', 'Rounded down to tens: 20 stands for 20 to 29.'],
  [
    'ratio, and its interval',
    'Of the middles of these steps: 20 counts as 24.5. A quotient of two printed numbers can differ from the printed ratio. Of small numbers, the true ratio can differ much: for 10 over 10, from about 0.5 to 1.9, and the interval does not count this error.',
  ],
  [
    'share',
    'Quotient of the middles of the two rounded numbers, as in ratios. Of small numbers, the true share can differ much: 10 of 50 is printed as 26.6 %, and can be 17 to 38 %.',
  ],
  ['– (a dash)', 'A number of 1 to 9, or one that would reveal such a number.'],
  [
    'not known',
    'The figure does not exist, or would reveal a small number: usually fewer than 20 test customers, fewer than 10 purchases, or no earlier run.',
  ],
  ['0', 'As a count: exactly none.'],
  [
    'at least, at most',
    'End of the 95 % interval of a ratio if one of its two numbers is a dash, which stands for fewer than 10 there. Purchases behind a dash count as 9, expected ones as 10, and the other number as the least of its ten.',
  ],
  [
    'known figures',
    'Figures that a bound could judge. With 0 known figures, the bound says nothing. For calibration: ratios, also those of which only one end is known; of windows, only the newest.',
  ],
  ['not stated', 'The config lacks a statement that a validator asks for.'],
  [
    'codes',
    'Codes of products, and values of columns, are those of the bank. Clusters are numbered from 0 by their size at the fit, the largest first. A group A | B has the value A of the first feature and B of the second.',
  ],
];

function measures({ ratio, bought, customers }: Words, length: number): (readonly [string, string])[] {
  return [
    [
      `NDCG@${length}`,
      `Order of the first ${length} entries of a list. A product found at place r gives 1 / log2(r + 1); the sum is divided by that of the best list. Mean over test customers: 1 is best, 0 if no list has a product found.`,
    ],
    [
      `recall@${length}`,
      `Share of a customer's products found that are among the first ${length} entries. Mean over test customers.`,
    ],
    ...(bought === 'purchases'
      ? [
          [
            'purchase',
            'Product that a customer opened in the window and did not hold before, by the dates of holdings. The campaign could recommend it to this customer. Several openings count once.',
          ] as const,
        ]
      : []),
    [
      'test customer',
      `Customer of a test window ${customers}.${bought === 'purchases' ? ' Outside the section on quality, those without a product before count, too.' : ''}`,
    ],
    [
      'interval of NDCG',
      '95 %, percentile bootstrap over customers, of as many resamples as evaluate.bootstrap of the config. Differences are paired: both lists have the same customers.',
    ],
    [
      'level',
      'The interval of a difference contains 0, so that neither list is proven better. A run keeps its model then: challengers change no list.',
    ],
    [
      ratio,
      `Number of list entries ${bought === 'purchases' ? 'that were purchased' : 'that were held out'}, over the sum of the probabilities of all entries. Above 1: probabilities are too low. The 95 % interval is the exact one of a Poisson number (Garwood, 1936).`,
    ],
    ['tenth', 'A tenth of the list entries, ordered by probability: 1 has the lowest probabilities, 10 the highest.'],
    [
      'Brier score',
      'Mean over list entries of (probability - result) squared; the result is 1 or 0. It is about reliability - resolution + uncertainty, the parts over tenths. Reliability: 0 is best. Resolution: more is better. Uncertainty is the score of one constant probability for all entries, so a score below it has skill. All are of rounded numbers, and entries of a tenth differ in probability: the sum is not exact.',
    ],
    [
      'p (of a weak slice)',
      'Probability of such a difference by chance, before the correction for many tests (Benjamini and Hochberg, 1995).',
    ],
    [
      'ratio to the largest group',
      'Share of customers with a list, over that share in the largest group. Its interval combines the score intervals of both shares (MOVER).',
    ],
    [
      'flag of a group',
      'The ratio to the largest group is below 0.8. The bound exposure needs more: the upper end of the interval is below its limit.',
    ],
    ['Jaccard', 'Products in both lists, over products in one of them or both: 1 if both lists have the same products.'],
    [
      'rank-biased overlap',
      `Agreement of the order of two lists: the mean share of common products among the first 1 to ${length} entries, the first ones with more weight. 1 if both lists are equal.`,
    ],
    [
      'population stability index (PSI)',
      'Sum over bins of (now - reference) x ln(now / reference), of shares of customers. Noise: (bins - 1) x (1 / n + 1 / m), the index expected by chance for n and m customers.',
    ],
  ];
}

/** Challengers and terms of models. */
const terms: readonly (readonly [string, string])[] = [
  [
    'up-sell, cross-sell',
    'Campaign for customers who hold a product of its class (up-sell), or none (cross-sell). Targets are these customers; rules of eligibility and the lack of a product to recommend leave some of them without a list.',
  ],
  [
    'popularity list',
    'The same list for all customers: by holders (popularity), by purchases of the last year or months, or by purchases of customers who already held a product (up-sell popularity).',
  ],
  ['ease', 'Linear model of the products that customers hold together (EASE).'],
  ['automatic', 'The model that a run chooses and learns by itself. Where the config names a model, it is a challenger.'],
  [
    'verdict',
    'Comparison that a run makes of its own lists with the best popularity list, in the newest window before its reference date.',
  ],
  [
    'prior',
    'Weights that come with the program: means over many banks that Basketwise generated. No data of the validated bank is in them. Learned weights begin with them, and stay close to them if there are few purchases.',
  ],
  [
    'log odds',
    'An effect adds to the log odds of one product against the others. Effects of all features of a customer add up: those of a pair of features come on top of those of both. They describe purchases, not causes.',
  ],
];

/** Section with the definitions of figures, signs and terms of the pack. */
export function readingSection(file: ValidationFile): Html {
  const rows = (of: readonly (readonly [string, string])[]) => of.map(([name, meaning]): Cell[] => [name, meaning]);
  const head = ['term', 'meaning'];
  return html`<h2 id="reading">How to read</h2>${table('Numbers and signs', head, rows(numbers))}
${table('Measures', head, rows(measures(testedWords(file), file.length)))}${table('Terms', head, rows(terms))}`;
}
