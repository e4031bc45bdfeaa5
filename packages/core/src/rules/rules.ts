import { bug } from '../error.ts';
import { atLeast, type FrequentSets, fractionOf } from './frequent-sets.ts';

/** Association rule: holders of the antecedent tend to hold the consequent. Counts are whole numbers of customers. */
export interface Rule {
  /** Columns, ascending. */
  antecedent: readonly number[];
  consequent: readonly number[];
  /** Number of holders of both antecedent and consequent. */
  both: number;
  /** Number of holders of the antecedent. */
  holders: number;
  /** Number of holders of the consequent. */
  consequentHolders: number;
}

/** Metrics of a rule. P(A) is the share of customers who hold the antecedent A. P(C) is the share who hold the consequent C. */
export interface RuleMetrics {
  /** P(A and C). */
  support: number;
  /** P(C | A). */
  confidence: number;
  /** P(C | A) / P(C). */
  lift: number;
  /** P(A and C) - P(A) P(C). */
  leverage: number;
  /** (1 - P(C)) / (1 - confidence). Infinite if the rule never fails. */
  conviction: number;
  /** Zhang's metric, -1 to 1: leverage / max(P(A and C) (1 - P(A)), P(A) (P(C) - P(A and C))). 0 if the denominator is 0. */
  zhang: number;
  /** P(A and C) / P(A or C). */
  jaccard: number;
  /** Certainty factor: (confidence - P(C)) / (1 - P(C)) if confidence >= P(C), otherwise (confidence - P(C)) / P(C). */
  certainty: number;
  /** (P(C | A) + P(A | C)) / 2. */
  kulczynski: number;
}

/** Selection of rules. */
export interface RuleOptions {
  /** Smallest confidence of a rule, above 0 and at most 1. Compared exactly, in whole numbers. */
  minConfidence: number;
  /** `one`: only consequents of one product. `any`: all splits of a set. Default `one`. */
  consequents?: 'one' | 'any';
}

/**
 * Rules of frequent sets, in the order of the sets. A rule whose confidence equals the threshold is included.
 * @throws AppError config for a confidence outside (0, 1]
 */
export function makeRules({ sets }: FrequentSets, { minConfidence, consequents = 'one' }: RuleOptions): Rule[] {
  const share = fractionOf('minConfidence', minConfidence);
  const supportOf = new Map(sets.map(({ columns, support }) => [columns.join(' '), support]));
  const support = (columns: readonly number[]) => {
    const customers = supportOf.get(columns.join(' '));
    if (customers === undefined) throw bug(`no support of a subset of ${columns.length} products`);
    return customers;
  };
  const rules: Rule[] = [];
  for (const { columns, support: both } of sets) {
    for (const consequent of splits(columns, consequents)) {
      const antecedent = columns.filter((column) => !consequent.includes(column));
      const holders = support(antecedent);
      if (atLeast(both, holders, share))
        rules.push({ antecedent, consequent, both, holders, consequentHolders: support(consequent) });
    }
  }
  return rules;
}

/** Consequents of a set: each product alone, or every non-empty proper subset. */
function splits(columns: readonly number[], consequents: 'one' | 'any'): number[][] {
  if (columns.length < 2) return [];
  if (consequents === 'one') return columns.map((column) => [column]);
  const parts: number[][] = [];
  for (let mask = 1; mask < 2 ** columns.length - 1; mask++)
    parts.push(columns.filter((_, i) => Math.floor(mask / 2 ** i) % 2 === 1));
  return parts;
}

/** All metrics of a rule among `customers` customers. */
export function ruleMetrics({ both, holders, consequentHolders }: Rule, customers: number): RuleMetrics {
  const [support, pa, pc] = [both / customers, holders / customers, consequentHolders / customers];
  const confidence = both / holders;
  // Leverage, lift and conviction are computed from whole numbers. Independent products then get exactly 0, 1 and 1.
  const leverage = (both * customers - holders * consequentHolders) / customers ** 2;
  const spread = Math.max(support * (1 - pa), pa * (pc - support));
  const rise = confidence - pc;
  const room = rise >= 0 ? 1 - pc : pc;
  return {
    support,
    confidence,
    lift: (both * customers) / (holders * consequentHolders),
    leverage,
    conviction:
      both === holders ? Number.POSITIVE_INFINITY : ((customers - consequentHolders) * holders) / (customers * (holders - both)),
    zhang: spread === 0 ? 0 : leverage / spread,
    jaccard: both / (holders + consequentHolders - both),
    certainty: room === 0 ? 0 : rise / room,
    kulczynski: (confidence + both / consequentHolders) / 2,
  };
}
