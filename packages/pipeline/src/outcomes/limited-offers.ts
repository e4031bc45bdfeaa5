import { type DuckdbEngine, queryRows } from '@basketwise/data';
import type { Outcome } from '@basketwise/offers';
import type { CountedByCapacity, EarlierRun } from '../run/earlier-runs.ts';

type Group = Pick<Outcome, 'by' | 'value'>;

/** Whether a capacity counts the offers of a group, perhaps with others. A capacity of classes may be that of any campaign. */
function isCounted({ by, value }: Group, { campaigns, products, classes, cluster }: CountedByCapacity): boolean {
  if (by === 'campaign') return campaigns.includes(value) || classes.length > 0;
  if (by === 'product') return products.includes(value);
  const number = Number(value.slice(value.lastIndexOf(' ') + 1));
  return by === 'cluster' && Object.values(cluster).flat().includes(number);
}

/** Capacities of a run and its variant. A campaign counts together with its replacement in the variant. */
function capacitiesOf({ draws: { capacity, experiment } }: EarlierRun): CountedByCapacity[] {
  const instead = experiment?.instead ?? {};
  return [...Object.values(capacity ?? {}), ...Object.values(experiment?.capacity ?? {})].map(({ campaigns, ...others }) => ({
    ...others,
    campaigns: [...campaigns, ...campaigns.flatMap((name) => instead[name] ?? [])],
  }));
}

/**
 * Adds `before` to the outcomes of groups whose number of contacted customers may be known: a capacity counts them, or they are
 * all offers of an experiment.
 * @param sqlOf columns of the groups
 * @param inArm condition of contacted customers
 */
export async function withLimits(
  engine: DuckdbEngine,
  run: EarlierRun,
  { table, sqlOf, inArm }: { table: string; sqlOf: ReadonlyMap<Outcome['by'], string>; inArm: string },
  outcomes: readonly Outcome[],
): Promise<Outcome[]> {
  const capacities = capacitiesOf(run);
  const isLimited = (one: Outcome) => one.by === 'experiment' || capacities.some((capacity) => isCounted(one, capacity));
  const found = new Map<string, number>();
  for (const by of new Set(outcomes.flatMap((one) => (isLimited(one) ? [one.by] : [])))) {
    const isFirst = by === 'experiment' ? 'is_first_in_experiment' : 'is_first';
    const sql = `SELECT ${sqlOf.get(by) ?? by} AS value, CAST(count(DISTINCT customer) AS DOUBLE) AS before FROM ${table} WHERE ${inArm} AND NOT ${isFirst} GROUP BY 1`;
    for (const { value, before } of await queryRows(engine, sql)) found.set(`${by} ${value}`, Number(before));
  }
  return outcomes.map((one) => (isLimited(one) ? { ...one, before: found.get(`${one.by} ${one.value}`) ?? 0 } : one));
}
