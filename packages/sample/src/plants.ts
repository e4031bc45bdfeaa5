import type { RandomStream } from './random.ts';

/** Rule: holders of `antecedent` and at least one more product hold `consequent` with probability `confidence`. */
export interface PlantedRule {
  antecedent: number;
  consequent: number;
  confidence: number;
}

/** Repulsion: customers who would hold both lines hold them both only with probability `keep`. */
export interface PlantedRepulsion {
  first: number;
  second: number;
  keep: number;
}

/** Relations planted into the bank, for models and rules to find. Each line is in at most one rule and one repulsion. */
export interface Plants {
  readonly rules: readonly PlantedRule[];
  readonly repulsions: readonly PlantedRepulsion[];
  /** One byte per line: 1 if a rule or repulsion names it. */
  readonly planted: Uint8Array;
}

/** Properties of a product line that plants need. */
export interface PlantableLine {
  rank: number;
  /** Expected share of holders. */
  share: number;
  /** Whether it can be a consequent: on sale, and for long. */
  onSale: boolean;
}

const mostRules = 25;
/** Share of holders above which lines are preferred as consequents. An account leads to a card account, not to a rarity. */
const popularShare = 0.08;
const mostRepulsions = 10;
/** Lines per rule, so that small banks do not consist only of rules. */
const linesPerRule = 12;

function between(random: RandomStream, low: number, high: number): number {
  return low + random.uniform() * (high - low);
}

/** Draws rules and repulsions among the lines. The most popular line of each family is excluded. */
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
