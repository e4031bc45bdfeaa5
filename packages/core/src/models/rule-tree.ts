import type { ScorePlan, ScoreSpace } from './score-plan.ts';

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
