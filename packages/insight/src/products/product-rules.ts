import { findFrequentSets, makeRules, type PlainDate, type RuleMetrics, required, ruleMetrics } from '@basketwise/core';
import { percent, publishedCount, publishedValue } from '@basketwise/data/base';
import { textTable } from '@basketwise/page';
import type { Settings } from '@basketwise/pipeline';
import { openFinishedRun } from '../explain/finished-run.ts';
import { loadAllBaskets, type OpenBank, type ProductLabel } from './all-baskets.ts';

/** Thresholds that rules must reach, and number of listed rules. */
export interface ProductRulesOptions {
  /** Name of a successful run. Absent: the latest run. */
  run?: string;
  /** Smallest share of all customers who hold all products of a rule: above 0, at most 1. */
  minSupport: number;
  /** Smallest confidence of a rule: above 0, at most 1. */
  minConfidence: number;
  /** Largest number of products of a rule, including its consequent: 2 to 64. */
  longest: number;
  /** Largest number of rules listed. */
  top: number;
}

/** Association rule: customers who hold the whole antecedent tend to hold the consequent, too. */
interface ProductRule extends Pick<RuleMetrics, 'support' | 'confidence' | 'lift' | 'leverage' | 'zhang'> {
  antecedent: readonly ProductLabel[];
  consequent: ProductLabel;
  /** Number of customers who hold all products of the rule. */
  customers: number;
  /** Conviction of the rule. Null if all holders of the antecedent hold the consequent, or the number of exceptions is too small. */
  conviction: number | null;
}

/** Association rules between products over the customers of a run. */
export interface ProductRules {
  run: string;
  referenceDate: PlainDate;
  customers: number;
  /** Number of rules that reach the thresholds. Only the first `top` are listed. */
  found: number;
  /** Listed rules, sorted by lift (highest first), then by number of customers (highest first), then by code. */
  rules: readonly ProductRule[];
}

/**
 * Finds association rules between products, over all customers of a run. Rules whose products fewer than 10 customers hold are
 * left out.
 * @throws AppError config for a threshold out of range; missing-input if there is no such run
 */
export async function productRules(
  settings: Settings,
  options: ProductRulesOptions,
  open: OpenBank = openFinishedRun,
): Promise<ProductRules> {
  const { minSupport, minConfidence, longest, top } = options;
  const run = await open(settings, options.run);
  try {
    const { training, label } = await loadAllBaskets(run);
    const { columns } = training.table;
    const sets = await findFrequentSets(training, { minSupport, longest });
    const customers = publishedCount(sets.customers) ?? 0;
    const rules = makeRules(sets, { minConfidence })
      .filter(({ both }) => publishedCount(both) !== null)
      .map(({ both, holders, consequentHolders, ...rule }) => {
        // Measures computed from exact numbers would reveal how few holders of the antecedent do not hold the consequent.
        const shown = {
          ...{ ...rule, both: publishedCount(both)!, holders: publishedCount(holders)! },
          consequentHolders: publishedCount(consequentHolders)!,
        };
        return { ...shown, ...ruleMetrics(shown, customers) };
      });
    const codes = ({ antecedent, consequent }: (typeof rules)[number]) =>
      [...antecedent, ...consequent].map((column) => columns[column]).join(' ');
    const order = rules.sort((a, b) => b.lift - a.lift || b.both - a.both || (codes(a) < codes(b) ? -1 : 1));
    const named = (column: number) => required(label, columns[column]!);
    const listed = order.slice(0, top).map(
      ({ antecedent, consequent, both, support, confidence, lift, leverage, conviction, zhang }): ProductRule => ({
        antecedent: antecedent.map(named),
        consequent: named(consequent[0]!),
        customers: both,
        ...publishedMeasures({ support, confidence, lift, leverage, zhang }),
        conviction: Number.isFinite(conviction) ? publishedValue(conviction) : null,
      }),
    );
    const { name, referenceDate } = run;
    return { run: name, referenceDate, customers, found: rules.length, rules: listed };
  } finally {
    await run.close();
  }
}

/** Rounds measures to three digits. With more digits, a share and a total would reveal the few customers who differ. */
function publishedMeasures<Name extends string>(found: Record<Name, number>): Record<Name, number> {
  const rounded = Object.entries<number>(found).map(([name, value]) => [name, publishedValue(value)]);
  return Object.fromEntries(rounded) as Record<Name, number>;
}

/** Rules as text for the terminal. */
export function productRulesText({ run, referenceDate, customers, found, rules }: ProductRules): string {
  const head = `run ${run}, as of ${referenceDate}, ${customers} customers\n`;
  if (found === 0) return `${head}no rule meets the thresholds: lower --min-support or --min-confidence\n`;
  const rows = rules.map((rule) => [
    `${rule.antecedent.map(({ name }) => name).join(' + ')} -> ${rule.consequent.name}`,
    rule.customers,
    percent(rule.confidence),
    rule.lift.toFixed(2),
    rule.leverage.toFixed(4),
    rule.conviction === null ? '-' : rule.conviction.toFixed(2),
    rule.zhang.toFixed(2),
  ]);
  const titles = ['holders of -> also hold', 'customers', 'confidence', 'lift', 'leverage', 'conviction', 'Zhang'];
  const more = found > rules.length ? `${rules.length} of ${found} rules, by lift\n` : '';
  return `${head}\n${textTable([titles, ...rows])}${more}`;
}
