import type { BasketEntry } from '../baskets/basket-table.ts';
import { holdersByColumn, productCount, type TrainingSet } from '../baskets/training-rows.ts';
import { stepRules } from '../generated/layouts.ts';
import { findFrequentSets } from '../rules/frequent-sets.ts';
import { makeRules } from '../rules/rules.ts';
import type { Explanation, Model, ModelState } from './model.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';
import { topNBySteps } from './scored-model.ts';

/** Parameters of the rule model. */
export interface RuleModelParameters {
  /** Least share of the customers who hold all products of a rule, 0 to 1. Rarer rules are not used. */
  minSupport: number;
  /** Largest number of products of a rule, including its consequent: 2 to 64. Default 4. */
  longest?: number;
}

/**
 * Fits a model that recommends by the best rule: a product's score is the greatest confidence of its rules whose antecedent the
 * customer holds.
 * The rule without antecedent always applies. Its confidence is the share of holders.
 * @throws AppError config for a share outside (0, 1]
 */
export async function fitRules(training: TrainingSet, { minSupport, longest = 4 }: RuleModelParameters): Promise<Model> {
  const { table } = training;
  const frequentSets = await findFrequentSets(training, { minSupport, longest });
  const rules = makeRules(frequentSets, { minConfidence: 1e-9 });
  const share = holdersByColumn(training).map((count, column) =>
    column < productCount(table) ? count / frequentSets.customers : 0,
  );
  const lines = rules.map(({ antecedent, consequent, both, holders: of }) => [consequent[0]!, both / of, ...antecedent]);
  const { columns, pseudoColumns } = table;
  return createRuleModel({ columns, pseudoColumns, share, lines, parameters: { minSupport, longest } });
}

interface RuleModelParts {
  columns: readonly string[];
  pseudoColumns: number;
  /** Confidence of the rule without antecedent, f64[columns]. */
  share: Float64Array;
  /** Rules, one per line: consequent, confidence, then the products of the antecedent, ascending. */
  lines: readonly (readonly number[])[];
  parameters: Readonly<Record<string, unknown>>;
}

function createRuleModel({ columns, pseudoColumns, share, lines, parameters }: RuleModelParts): Model {
  const root = ruleTree(lines);
  const foldIn = (basket: readonly BasketEntry[]) => {
    const scores = share.slice();
    forEachRule(root, basket, (column, confidence) => {
      if (confidence > scores[column]!) scores[column] = confidence;
    });
    return scores;
  };
  const addSteps = (plan: ScorePlan, space: ScoreSpace): ScoredLine => {
    const { padded } = space;
    const [line, kept, base] = [plan.line(space), plan.room(padded * 4), plan.store(share, space)];
    const part = plan.add({ kind: stepRules, line, kept, padded, base, ...storeRuleTree(root, plan, space) });
    return { line, isLog: false, part };
  };
  return {
    kind: 'rules',
    columns,
    pseudoColumns,
    topN: (request) => topNBySteps({ columns, foldIn, addSteps }, request),
    addSteps,
    foldIn,
    explain: (basket, column) => explainRule(root, share[column]!, basket, column),
    state(): ModelState {
      const width = lines.reduce((most, line) => Math.max(most, line.length), 0);
      const values = new Float64Array(lines.length * width).fill(-1);
      for (const [i, line] of lines.entries()) values.set(line, i * width);
      const matrices = {
        share: { rows: 1, columns: share.length, values: share },
        rules: { rows: lines.length, columns: width, values },
      };
      return { kind: 'rules', columns, pseudoColumns, parameters, matrices };
    },
  };
}

/** Restores a rule model from its `state()`. */
export function rulesOf({ columns, pseudoColumns, parameters, matrices }: ModelState): Model {
  const { rows, columns: width, values } = matrices.rules!;
  const lines = Array.from({ length: rows }, (_, i) => [...values.subarray(i * width, (i + 1) * width)].filter((v) => v >= 0));
  return createRuleModel({ columns, pseudoColumns, parameters, lines, share: Float64Array.from(matrices.share!.values) });
}

/** Calls `visit` for each rule whose antecedent is part of the basket. */
function forEachRule(
  root: RuleNode,
  basket: readonly BasketEntry[],
  visit: (column: number, confidence: number, antecedent: readonly number[]) => void,
): void {
  const held = basket.map(({ column }) => column).sort((a, b) => a - b);
  const walk = (node: RuleNode, from: number, antecedent: number[]) => {
    for (const [column, confidence] of node.rules) visit(column, confidence, antecedent);
    if (node.next.size === 0) return;
    for (let i = from; i < held.length; i++) {
      const child = node.next.get(held[i]!);
      if (child !== undefined) walk(child, i + 1, [...antecedent, held[i]!]);
    }
  };
  walk(root, 0, []);
}

/**
 * Explains a score by the best rule. The baseline is the share of holders. The confidence beyond it is divided equally among the
 * products of the antecedent.
 */
function explainRule(root: RuleNode, share: number, basket: readonly BasketEntry[], column: number): Explanation {
  let score = share;
  let because: readonly number[] = [];
  forEachRule(root, basket, (consequent, confidence, antecedent) => {
    if (consequent === column && confidence > score) [score, because] = [confidence, antecedent];
  });
  const contributions = because.map((held) => ({ column: held, value: (score - share) / because.length }));
  return { score, baseline: share, contributions };
}

/** Node of a tree of antecedents. The products on the way from the root to a node, ascending, are an antecedent. */
export interface RuleNode {
  next: Map<number, RuleNode>;
  /** Consequent and confidence of each rule with this antecedent. */
  rules: [column: number, confidence: number][];
}

/** Builds the tree of rules. A line has the consequent, the confidence, then the products of the antecedent, ascending. */
export function ruleTree(lines: readonly (readonly number[])[]): RuleNode {
  const root: RuleNode = { next: new Map(), rules: [] };
  for (const [consequent = 0, confidence = 0, ...antecedent] of lines) {
    let node = root;
    for (const column of antecedent) {
      let child = node.next.get(column);
      if (child === undefined) {
        child = { next: new Map(), rules: [] };
        node.next.set(column, child);
      }
      node = child;
    }
    node.rules.push([consequent, confidence]);
  }
  return root;
}

/**
 * Copies a tree into kernel memory in the format of assembly/scores/rules.ts. Nodes are numbered from the root, 0.
 * Only rules whose consequent is among `columns` are copied.
 */
export function storeRuleTree(root: RuleNode, plan: ScorePlan, { columns }: ScoreSpace) {
  const positionOf = new Map(columns.map((column, position) => [column, position]));
  const nodes = [{ node: root, parent: 0, column: 0, depth: 0 }];
  const rulePosition: number[] = [];
  const confidence: number[] = [];
  const childColumn: number[] = [];
  const childNode: number[] = [];
  const ruleStart = [0];
  const childStart = [0];
  for (let at = 0; at < nodes.length; at++) {
    const { node, depth } = nodes[at]!;
    for (const [column, share] of node.rules) {
      const position = positionOf.get(column);
      if (position === undefined) continue;
      rulePosition.push(position);
      confidence.push(share);
    }
    for (const [column, child] of [...node.next].sort(([a], [b]) => a - b)) {
      childColumn.push(column);
      childNode.push(nodes.push({ node: child, parent: at, column, depth: depth + 1 }) - 1);
    }
    ruleStart.push(rulePosition.length);
    childStart.push(childColumn.length);
  }
  const { memory } = plan.table;
  const words = (values: readonly number[]) => memory.store(Uint32Array.from(values));
  return {
    ...{ values: memory.store(Float64Array.from(confidence)), rulePosition: words(rulePosition), ruleStart: words(ruleStart) },
    ...{ childStart: words(childStart), childColumn: words(childColumn), childNode: words(childNode) },
    parent: words(nodes.map(({ parent }) => parent)),
    parentColumn: words(nodes.map(({ column }) => column)),
    depth: words(nodes.map(({ depth }) => depth)),
  };
}
