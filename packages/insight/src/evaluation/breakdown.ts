import { publishedParts } from '@basketwise/data/base';
import { type ComparedModel, type ComparisonOptions, compareModels, type ModelValues, valuesOfRows } from './compare-models.ts';
import type { TestedCase } from './tested.ts';

/** Results for a group of at least ten test customers of a campaign. */
interface GroupEvaluation {
  label: string;
  customers: number;
  models: ComparedModel[];
}

/** Results of a campaign, by groups of its test customers. */
export interface Breakdown {
  /** Property by which customers are grouped: `products held`, `history`, `cluster <scheme>` or `segment <name>`. */
  by: string;
  groups: GroupEvaluation[];
  /** Number of groups that are left out because they are too small to publish. */
  small: number;
}

const sizeLabel = (size: number) => (size === 0 ? 'none' : size < 4 ? String(size) : '4 and more');

/** Groups of a test case, as pairs of property and group. Without history, the only property is `history`. */
function labelsOf({ size, hasHistory, labels }: TestedCase): [string, string][] {
  if (!hasHistory) return [['history', 'none']];
  return [['history', 'some'], ['products held', sizeLabel(size)], ...labels];
}

/** Order of groups: numbers first, by size, then texts. */
function compareLabels(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? (a < b ? -1 : a > b ? 1 : 0) : difference;
}

/** Compares the models of a campaign within each group of its test customers. Customers without history are included. */
export function breakdowns(
  cases: readonly TestedCase[],
  models: readonly ModelValues[],
  options: ComparisonOptions,
): Breakdown[] {
  const dimensions = new Map<string, Map<string, number[]>>();
  for (const [at, tested] of cases.entries()) {
    for (const [by, label] of labelsOf(tested)) {
      const groups = dimensions.get(by) ?? new Map<string, number[]>();
      dimensions.set(by, groups);
      const rows = groups.get(label);
      if (rows === undefined) groups.set(label, [at]);
      else rows.push(at);
    }
  }
  return [...dimensions].map(([by, groups]) => {
    const all = [...groups].sort(([a], [b]) => compareLabels(a, b));
    const shown = publishedParts(all.map(([, rows]) => rows.length));
    const published = all.flatMap(([label, rows], i) => (shown[i] === null ? [] : [{ label, rows, customers: shown[i]! }]));
    return {
      by,
      groups: published.map(({ label, rows, customers }) => ({
        ...{ label, customers },
        models: compareModels(
          models.map((model) => valuesOfRows(model, rows)),
          options,
        ),
      })),
      small: groups.size - published.length,
    };
  });
}
