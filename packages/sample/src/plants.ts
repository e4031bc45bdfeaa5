import type { RandomStream } from './random.ts';

/** Planted rule: customers who hold `antecedent` and another product hold `consequent` with probability `confidence`. Numbers are product lines. */
export interface PlantedRule {
  antecedent: number;
  consequent: number;
  confidence: number;
}

/** Planted repulsion: of the customers who would hold both product lines, only the share `keep` holds both. */
export interface PlantedRepulsion {
  first: number;
  second: number;
  keep: number;
}

/** Planted relations of a generated bank: known associations for models to find. A product line is in at most one rule and one repulsion. */
export interface Plants {
  readonly rules: readonly PlantedRule[];
  readonly repulsions: readonly PlantedRepulsion[];
  /** Flag of each product line, u8[lines]: 1 if it is in a rule or a repulsion. */
  readonly planted: Uint8Array;
}

/** Properties of a product line that decide whether planted relations use it. */
export interface PlantableLine {
  rank: number;
  /** Expected share of the bank's customers who hold the line. */
  share: number;
  /** Whether the line can be a consequent: it is on sale now, and has been for `earlyYears`. */
  onSale: boolean;
}

const mostRules = 25;
/**
 * A product line that more than this share of customers holds is preferred as the consequent of a rule. In real banks, too, an account leads to a
 * common product rather than a rare one.
 */
const popularShare = 0.08;
const mostRepulsions = 10;
/** The bank has at most one rule for this number of product lines. With more rules, rules would decide all holdings of a small bank. */
const linesPerRule = 12;

function between(random: RandomStream, low: number, high: number): number {
  return low + random.uniform() * (high - low);
}

/** Draws the planted rules and repulsions among the product lines. The most popular line of each family is in no rule and no repulsion. */
export function drawPlants(random: RandomStream, lines: readonly PlantableLine[]): Plants {
  const count = Math.floor(lines.length / linesPerRule);
  const indices = random.shuffle([...lines.keys()].filter((line) => lines[line]!.rank > 1));
  const antecedents = indices.filter((line) => lines[line]!.share >= 0.006 && lines[line]!.share <= 0.08);
  antecedents.sort((a, b) => lines[b]!.share - lines[a]!.share);
  antecedents.length = Math.min(antecedents.length, count, mostRules);
  const taken = new Set(antecedents);
  const consequents = indices.filter((line) => !taken.has(line) && lines[line]!.onSale);
  consequents.sort((a, b) => Number(lines[b]!.share > popularShare) - Number(lines[a]!.share > popularShare));
  const rules = antecedents.slice(0, consequents.length).map((antecedent, i) => {
    return { antecedent, consequent: consequents[i]!, confidence: between(random, 0.5, 0.9) };
  });
  for (const { consequent } of rules) taken.add(consequent);

  const popular = indices.filter((line) => !rules.some((rule) => rule.consequent === line));
  popular.sort((a, b) => lines[b]!.share - lines[a]!.share || a - b);
  const pairs = Math.min(count, mostRepulsions, popular.length >> 1);
  const others = random.shuffle(popular.slice(pairs, 2 * pairs));
  const repulsions = others.map((second, i) => ({ first: popular[i]!, second, keep: between(random, 0.3, 0.6) }));
  for (const { first, second } of repulsions) taken.add(first).add(second);
  return { rules, repulsions, planted: Uint8Array.from(lines, (_, line) => (taken.has(line) ? 1 : 0)) };
}
