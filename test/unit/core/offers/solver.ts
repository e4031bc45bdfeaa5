import type { OfferProblem } from '@basketwise/core';
import highsLoader from 'highs';

// what the package declares as its default export is the module itself
const highs = await (highsLoader as unknown as typeof highsLoader.default)();

/** The optimum by HiGHS: of the linear relaxation, or in whole offers; null where there is none. */
export function solve(problem: OfferProblem, integer: boolean): number | null {
  const { offered, width, list, start, item, worth, items, group, rest, restStart, restItem, perCustomer, perCampaign } = problem;
  const objective: string[] = [];
  const rows = new Map<string, { terms: string[]; most: number; least?: number }>();
  const names: string[] = [];
  const add = (row: string, most: number, name: string) => {
    if (!rows.has(row)) rows.set(row, { terms: [], most });
    rows.get(row)!.terms.push(name);
  };
  for (let c = 0; c < offered.length; c++) {
    const resting = new Set(restItem.subarray(restStart[rest[c]!]!, restStart[rest[c]! + 1]!));
    for (let l = c * width; l < (c + 1) * width; l++) {
      for (let e = start[list[l]!]!; e < start[list[l]! + 1]!; e++) {
        const { campaign, product, together } = items[item[e]!]!;
        if (resting.has(item[e]!) || worth[e] === 0) continue;
        const name = `x${c}_${e}`;
        names.push(name);
        objective.push(`+ ${worth[e]} ${name}`);
        const n = offered[c]!;
        add(`c${c}`, perCustomer * n, name);
        add(`m${c}_${campaign}`, perCampaign[campaign]! * n, name);
        add(`p${c}_${product}`, n, name);
        for (let bit = 0; bit < 31; bit++) if (together & (1 << bit)) add(`t${c}_${bit}`, n, name);
        for (const [g, capacity] of problem.capacities.entries()) {
          if (!capacity.items.includes(item[e]!) || !capacity.groups.includes(group[c]!)) continue;
          add(`g${g}`, capacity.most, name);
          rows.get(`g${g}`)!.least = capacity.least;
        }
      }
    }
  }
  for (const [g, { least }] of problem.capacities.entries()) if (least > 0 && !rows.has(`g${g}`)) return null;
  const lines = [...rows].flatMap(([name, { terms, most, least = 0 }]) => [
    ...(Number.isFinite(most) ? [`${name}: ${terms.join(' + ')} <= ${most}`] : []),
    ...(least > 0 ? [`${name}l: ${terms.join(' + ')} >= ${least}`] : []),
  ]);
  if (names.length === 0) return 0;
  const kind = integer ? `General\n${names.join('\n')}\n` : '';
  const { Status, ObjectiveValue } = highs.solve(
    `Maximize\nobj: ${objective.join('\n')}\nSubject To\n${lines.join('\n')}\n${kind}End\n`,
    integer ? { mip_rel_gap: 0 } : {},
  );
  return Status === 'Optimal' ? ObjectiveValue : null;
}
