// Reason of a recommended product: the held product whose terms contribute most to the score (packages/core/src/models/blend.ts).

import { popularReason, reasonShare, ScoreStep, stepRules } from './layouts';

/** Step at an index of the array of steps. */
function stepAt(steps: usize, place: u32): ScoreStep {
  return changetype<ScoreStep>(steps + place * offsetof<ScoreStep>());
}

/** Whether the path from the root of a tree of rules to a node contains a column. */
function leadsTo(step: ScoreStep, node: u32, column: u32): bool {
  for (; node !== 0; node = load<u32>(step.parent + (node << 2))) {
    if (load<u32>(step.parentColumn + (node << 2)) === column) return true;
  }
  return false;
}

/**
 * Contribution of entry e to one score: that at `position` in the line of scores of a step. Infinity stands for no contribution: the
 * antecedent of the best rule lacks the product of the entry.
 * A rule's contribution above the base is divided equally among the products of its antecedent.
 */
function partOf(step: ScoreStep, e: usize, entries: usize, position: u32, scratch: usize): f64 {
  const column = load<u32>(e) >>> 8;
  if (step.kind === stepRules) {
    const node = load<u32>(scratch + step.kept + (position << 2));
    if (!leadsTo(step, node, column)) return Infinity;
    const above = load<f64>(scratch + step.line + (position << 3)) - load<f64>(step.base + (position << 3));
    return above / <f64>load<u32>(step.depth + (node << 2));
  }
  const weight = load<f64>(scratch + step.kept + ((e - entries) << 1));
  return weight * load<f64>(step.values + ((column * step.padded + position) << 3));
}

/**
 * Held product that contributes most to the score at a position; the first of equal ones.
 *   contribution = sum over the steps of weight x contribution to the step's source line
 * Returns `popularReason` if the greatest contribution is at most reasonShare |score|.
 * @param parts u32[count]: indices of the steps that add a line whose terms can be reasons
 * @param products number of products: entries from this column on are pseudo-products, which are no reasons
 * @param score score at the position
 */
export function reasonOf(
  steps: usize,
  parts: usize,
  count: u32,
  products: u32,
  entries: usize,
  end: usize,
  position: u32,
  score: f64,
  scratch: usize,
): u32 {
  const partsEnd = parts + (count << 2);
  let most = reasonShare * Math.abs(score);
  let best = popularReason;
  for (let e = entries; e < end; e += 4) {
    const column = load<u32>(e) >>> 8;
    if (column >= products) continue;
    let value: f64 = 0;
    for (let at = parts; at < partsEnd; at += 4) {
      const sum = stepAt(steps, load<u32>(at));
      const part = partOf(stepAt(steps, sum.part - 1), e, entries, position, scratch);
      if (part !== Infinity) value += load<f64>(sum.weight) * part;
    }
    if (value <= most) continue;
    most = value;
    best = column;
  }
  return best;
}
