// Association rule with the greatest confidence for each product, among the rules whose antecedent the row holds.
// The rules are in a tree: the path from the root to a node spells an antecedent, its products in ascending order.

import { ScoreStep } from './layouts';

/**
 * Writes the scores s_j = max(base_j, confidences of the rules for product j whose antecedent the row holds).
 * @param kept u32[padded] out: tree node of the best rule at each position; 0 (the root) if the base is greatest
 */
export function bestRules(step: ScoreStep, entries: usize, end: usize, line: usize, kept: usize): void {
  memory.copy(line, step.base, step.padded << 3);
  memory.fill(kept, 0, step.padded << 2);
  visit(step, 0, entries, end, line, kept);
}

/** Applies the rules of a node, then visits its children along the held products from entry e on. Children and entries ascend by column. */
function visit(step: ScoreStep, node: u32, e: usize, end: usize, line: usize, kept: usize): void {
  const rules = step.ruleStart + (node << 2);
  for (let rule = load<u32>(rules); rule < load<u32>(rules, 4); rule++) {
    const position = load<u32>(step.rulePosition + (rule << 2));
    const confidence = load<f64>(step.values + (rule << 3));
    if (!(confidence > load<f64>(line + (position << 3)))) continue;
    store<f64>(line + (position << 3), confidence);
    store<u32>(kept + (position << 2), node);
  }
  const children = step.childStart + (node << 2);
  const first = load<u32>(children);
  const last = load<u32>(children, 4);
  if (first === last) return;
  for (; e < end; e += 4) {
    const child = childAt(step.childColumn, first, last, load<u32>(e) >>> 8);
    if (child < last) visit(step, load<u32>(step.childNode + (child << 2)), e + 4, end, line, kept);
  }
}

/** Index of the child with a given column among the children first .. last, which ascend by column; `last` if no child has it. */
function childAt(columns: usize, first: u32, last: u32, column: u32): u32 {
  let low = first;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<u32>(columns + (middle << 2)) < column) low = middle + 1;
    else high = middle;
  }
  return low < last && load<u32>(columns + (low << 2)) === column ? low : last;
}
