import { type DuckdbEngine, queryRows } from '@basketwise/data';
import type { OfferLimit, Outcome } from '@basketwise/offers';
import type { CountedByCapacity, EarlierRun } from '../run/earlier-runs.ts';

type Group = Pick<Outcome, 'by' | 'value'>;
type Limited = Pick<OfferLimit, 'by' | 'values'>;

/**
 * Campaigns whose offers a capacity limits, as one or two sets. `base` and the variant each have a share of the capacity. If the
 * variant replaces all of the capacity's campaigns, each share has a set of its own. Otherwise all campaigns form one set.
 */
function campaignsOf({ campaigns }: CountedByCapacity, { draws: { experiment } }: EarlierRun): string[][] {
  const others = campaigns.flatMap((name) => experiment?.instead?.[name] ?? []);
  return others.length === campaigns.length ? [campaigns, others] : [[...campaigns, ...others]];
}

/** For each condition of a capacity, the groups of outcomes (such as campaigns) whose offers it limits. */
function groupsOf(capacity: CountedByCapacity, run: EarlierRun, found: readonly Group[]): Limited[] {
  const numbers = Object.values(capacity.cluster).flat();
  const isNamed: readonly (readonly [Outcome['by'], (value: string) => boolean])[] = [
    ...campaignsOf(capacity, run).map((names) => ['campaign', (value: string) => names.includes(value)] as const),
    ['campaign', (value) => capacity.classes.includes(run.classOf?.[value] ?? '')],
    ['product', (value) => capacity.products.includes(value)],
    ['cluster', (value) => numbers.includes(Number(value.slice(value.lastIndexOf(' ') + 1)))],
  ];
  return isNamed.map(([by, is]) => ({ by, values: found.flatMap((one) => (one.by === by && is(one.value) ? [one.value] : [])) }));
}

/**
 * Groups of a run's outcomes whose contacted customers a capacity or an experiment limits together.
 * @param sqlOf SQL expression of each kind of group
 * @param inArm SQL condition of contacted customers
 * @param found groups of the run's outcomes
 */
export async function offerLimits(
  engine: DuckdbEngine,
  run: EarlierRun,
  { table, sqlOf, inArm }: { table: string; sqlOf: ReadonlyMap<Outcome['by'], string>; inArm: string },
  found: readonly Group[],
): Promise<OfferLimit[]> {
  const { capacity, experiment } = run.draws;
  const capacities = [...Object.values(capacity ?? {}), ...Object.values(experiment?.capacity ?? {})];
  const compared = found.flatMap(({ by, value }) => (by === 'experiment' ? [{ by, values: [value] }] : []));
  const limited = [...capacities.flatMap((one) => groupsOf(one, run, found)), ...compared].filter(
    ({ values }) => values.length > 0,
  );
  const before = new Map<string, number>();
  for (const by of new Set(limited.map((one) => one.by))) {
    const isFirst = by === 'experiment' ? 'is_first_in_experiment' : 'is_first';
    const sql = `SELECT ${sqlOf.get(by) ?? by} AS value, CAST(count(DISTINCT customer) AS DOUBLE) AS before FROM ${table} WHERE ${inArm} AND NOT ${isFirst} GROUP BY 1`;
    for (const row of await queryRows(engine, sql)) before.set(`${by} ${row.value}`, Number(row.before));
  }
  return limited.map(({ by, values }) => ({
    ...{ run: run.run, by, values },
    before: values.reduce((sum, value) => sum + (before.get(`${by} ${value}`) ?? 0), 0),
  }));
}
