import type { ValidationFile } from './validation-file.ts';
import { testedWords } from './validation-text.ts';

type Facts = Readonly<Record<string, string>>;

/** Assumptions, each with its test in the pack, or its consequence if it fails. */
export function assumptions({ data, models, exposure }: ValidationFile): Facts {
  const isDated = data.first !== null;
  const control = 'a control group (offers.control) measures the effect of an offer, in the outcomes of a run';
  return {
    ...(isDated
      ? {
          'Past purchases, with or without an offer, show what customers want next.': `Not tested here. If an offer changes demand by product, the best order of offers is another: ${control}.`,
        }
      : {
          'A product held out of a basket stands for the next purchase.': `Not tested: holdings have no dates. Products held for long may not be wanted today; ${control}.`,
        }),
    ...(models.some(({ kind }) => kind === 'next-purchase') && {
      'The ratio of the probabilities of two products does not depend on the other candidates (independence of irrelevant alternatives).':
        'Not tested alone. If it fails, close substitutes get too much probability: calibration by product shows such products.',
      'The prior of the weights, from generated banks, suits this bank.':
        'Not tested alone. It counts as about 10 purchases. With few purchases of a campaign, the weights are nearly the prior, and the quality is usually not known.',
    }),
    ...(isDated && {
      'What was learned from past windows holds in the next one.':
        'Tested: the models of a window learn only from data before it; stability compares the newest window with the run, drift compares runs.',
      "Rules, segments and protected columns of a past window are those of today's customers table.":
        'Not tested. Figures of the test windows by a column that changes are of the groups of today. Shares with a list are of the run itself, and not affected.',
      'Features and clusters of a past window are as of its date: from earlier states of the customers table, or because the config calls a feature fixed.':
        'If a column changes after a purchase, and is called fixed, quality looks better than it is. Lists of an earlier run on later purchases (section on drift) would show it.',
    }),
    ...(exposure.length > 0 && {
      'Columns that models rank by, and holdings, do not stand for a protected column.':
        'Not tested alone: the config is checked for the columns themselves. The section on protected columns has the result by group.',
    }),
    'Customers, and the entries of one customer, are independent of each other.':
      'Not tested. If purchases come together, intervals of calibration are too short. Intervals of NDCG resample customers, so several purchases of one customer do no harm.',
  };
}

/** Meaning of rounded numbers, empty cells and other signs. */
export const numbersAndSigns: Facts = {
  'number of customers or purchases': 'Rounded down to tens: 20 stands for 20 to 29.',
  'ratio, share, and their intervals':
    'Of the middles of these steps: 20 counts as 24.5. A quotient of two printed numbers can differ from the printed ratio. Of small numbers, the true value can differ much: for 10 over 10 from about 0.5 to 1.9, for 10 of 50 from 17 to 38 %. Intervals of ratios of purchases count this error; those of shares do not.',
  '– (a dash)': 'A number of 1 to 9, or one that would reveal such a number.',
  'not known':
    'The figure does not exist, or would reveal a small number: usually fewer than 20 test customers, fewer than 10 purchases, or no earlier run.',
  0: 'As a count: exactly none.',
  'at least, at most':
    'End of the 95 % interval of a ratio if one of its two numbers is a dash. Purchases behind a dash count as 9, expected ones as 10.',
  'known figures': 'Figures that a bound could judge. With 0 known figures, the bound says nothing.',
  codes:
    'Codes of products, and values of columns, are those of the bank. Clusters are numbered from 0 by their size at the fit. A group A | B has the value A of the first feature and B of the second.',
};

/** Definitions of the measures of a pack. */
export function measures(file: ValidationFile): Facts {
  const { ratio, bought, customers } = testedWords(file);
  const isDated = bought === 'purchases';
  return {
    [`NDCG@${file.length}`]: `Order of the first ${file.length} entries of a list. A product found at place r gives 1 / log2(r + 1); the sum is divided by that of the best list. Mean over test customers: 1 is best, 0 if no list has a product found.`,
    [`recall@${file.length}`]: `Share of a customer's products found that are among the first ${file.length} entries. Mean over test customers.`,
    ...(isDated && {
      purchase:
        'Product that a customer opened in the window and did not hold before, by the dates of holdings, and that the campaign could recommend to them. Several openings count once.',
    }),
    'test customer': `Customer of a test window ${customers}.${isDated ? ' Outside the section on quality, those without a product before count, too.' : ''}`,
    'interval of NDCG':
      '95 %, percentile bootstrap over customers, of as many resamples as evaluate.bootstrap of the config. Differences are paired: both lists have the same customers.',
    level: 'The interval of a difference contains 0, so that neither list is proven better.',
    [ratio]: `Number of list entries that were ${isDated ? 'purchased' : 'held out'}, over the sum of the probabilities of all entries. Above 1: probabilities are too low. The 95 % interval is the exact one of a Poisson number (Garwood, 1936), for all numbers that the rounded ones stand for.`,
    tenth: 'A tenth of the list entries, ordered by probability: 1 has the lowest probabilities, 10 the highest.',
    'Brier score':
      'Mean over list entries of (probability - result) squared; the result is 1 or 0. It is about reliability - resolution + uncertainty. Reliability: 0 is best. Resolution: more is better. Uncertainty is the score of one constant probability for all entries. All are of rounded numbers, so the sum is not exact.',
    'p (of a weak slice)':
      'Probability of such a difference by chance, before the correction for many tests (Benjamini and Hochberg, 1995).',
    'ratio to the largest group':
      'Share of customers with a list, over that share in the largest group. Its interval combines the score intervals of both shares (MOVER). The flag is for a ratio below 0.8; the bound exposure judges the upper end of the interval.',
    Jaccard: 'Products in both lists, over products in one of them or both: 1 if both lists have the same products.',
    'rank-biased overlap': `Agreement of the order of two lists: the mean share of common products among the first 1 to ${file.length} entries, the first ones with more weight. 1 if both lists are equal.`,
    'population stability index (PSI)':
      'Sum over bins of (now - reference) x ln(now / reference), of shares of customers. Noise: (bins - 1) x (1 / n + 1 / m), the index expected by chance for n and m customers.',
  };
}

/** Challengers and terms of models. */
export const terms: Facts = {
  'up-sell, cross-sell':
    'Campaign for customers who hold a product of its class (up-sell), or none (cross-sell). These customers are its targets.',
  'popularity list':
    'The same list for all customers: by holders (popularity), by purchases of the last year or months, or by purchases of customers who already held a product (up-sell popularity).',
  ease: 'Linear model of the products that customers hold together (EASE).',
  automatic: 'The model that a run chooses and learns by itself. Where the config names a model, it is a challenger.',
  verdict: 'Comparison that a run makes of its own lists with the best popularity list, in past windows.',
  prior:
    'Weights that come with the program: means over many banks that Basketwise generated. No data of the validated bank is in them. Learned weights stay close to them if there are few purchases.',
  'log odds':
    'An effect adds to the log odds of one product against the others. Effects of all features of a customer add up. They describe purchases, not causes.',
};
