import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendColumns, type DuckdbEngine, openDuckdb, type Snapshot, type SnapshotFeatures } from '@basketwise/data';

/** Values of a feature, one a customer, at the first date and, where it changes, at the second. */
export interface FeatureValues {
  name: string;
  now: readonly (number | string | null)[];
  before?: readonly (number | string | null)[];
}

/** The dates of `snapshotOf`. */
export const [now, then] = ['2022-08-31', '2022-07-31'] as const;

/** A DuckDB with nothing in it, and how to be rid of it. */
export async function emptyEngine(): Promise<{ engine: DuckdbEngine; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-features-'));
  const engine = await openDuckdb({ memory: '500MB', threads: 2, tempDirectory: folder });
  return {
    engine,
    remove: async () => {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeTable(engine: DuckdbEngine, table: string, columns: readonly (readonly [string, FeatureValues['now']])[]) {
  const isText = columns.map(([, values]) => values.some((value) => typeof value === 'string'));
  const declared = columns.map(([name], i) => `${name} ${isText[i] ? 'VARCHAR' : 'DOUBLE'}`);
  await engine.run(`CREATE OR REPLACE TABLE ${table} (row INTEGER${declared.map((column) => `, ${column}`).join('')})`);
  const rows = columns[0]?.[1].length ?? 0;
  await appendColumns(engine, table, rows, [
    { values: Int32Array.from({ length: rows }, (_, i) => i) },
    ...columns.map(([, values], i) => ({
      values: isText[i] ? values.map((value) => (value === null ? undefined : String(value))) : Float64Array.from(values, Number),
      nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
    })),
  ]);
}

/** Features as a snapshot has them, in tables of an engine. */
export async function snapshotOf(engine: DuckdbEngine, features: readonly FeatureValues[]): Promise<Snapshot> {
  await writeTable(
    engine,
    'customers',
    features.map(({ now }, i) => [`feature_${i}`, now] as const),
  );
  const changing = features.flatMap(({ before }, i) => (before ? [[`feature_${i}`, before] as const] : []));
  await writeTable(engine, 'past', changing);
  return snapshotWith(engine, features[0]!.now.length, {
    dates: [now, then],
    tableDate: now,
    columns: features.map(({ name, now, before }, i) => {
      const cell = { table: 'customers' as const, column: `feature_${i}` };
      const kind = now.some((value) => typeof value === 'string') ? ('text' as const) : ('number' as const);
      return { name, kind, at: [cell, before ? { ...cell, table: 'past' as const } : cell] };
    }),
  });
}

/** A snapshot as far as features are concerned. */
export function snapshotWith(engine: DuckdbEngine, customerCount: number, features: SnapshotFeatures): Snapshot {
  return { engine, customerCount, manifest: { features } } as unknown as Snapshot;
}
