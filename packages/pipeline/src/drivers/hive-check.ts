import { AppError } from '@basketwise/core';
import { type Engine, type ExtractRequest, HiveEngine, type HiveSettings } from '@basketwise/data';
import type { SourceCheck } from './driver.ts';

/**
 * Looks at the Hive source of a config: reachable and authenticated, how long a trivial query takes, tables, columns and rows. Goes on after
 * a failure where that makes sense; ends at once when there is no connection.
 */
export async function* checkHive(
  settings: HiveSettings,
  request: ExtractRequest,
  signal?: AbortSignal,
): AsyncGenerator<SourceCheck> {
  const hive = new HiveEngine(settings);
  const options = signal ? { signal } : {};
  try {
    const { host, port } = hive.settings;
    const login = await attempt(`Hive at ${host}:${port}`, async () => {
      const start = performance.now();
      for await (const _ of hive.query('SELECT 1', options));
      const middle = performance.now();
      for await (const _ of hive.query('SELECT 1', options));
      const [first, second] = [middle - start, performance.now() - middle].map((time) => `${(time / 1000).toFixed(2)} s`);
      return `reachable, logged in as ${hive.settings.user}; connecting and a first query ${first}, a trivial query ${second}`;
    });
    yield login;
    if (login.failure) return;
    const { customers, products, holdings } = request;
    const used: Readonly<Record<'customers' | 'products' | 'holdings', readonly (string | null | undefined)[]>> = {
      customers: [customers.id],
      products: [products.code, products.name, products.class, products.saleEnd, products.group],
      holdings: [holdings.customer, holdings.product, holdings.date, holdings.closed],
    };
    for (const role of ['customers', 'products', 'holdings'] as const) {
      const names = used[role].filter((name): name is string => typeof name === 'string');
      yield await attempt(`tables.${role}`, async () => await describeTable(hive, request[role], role, names, options));
    }
  } finally {
    await hive.close();
  }
}

async function attempt(name: string, work: () => Promise<string>): Promise<SourceCheck> {
  try {
    return { name, text: await work() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { name, text: error.message, failure: error };
  }
}

async function describeTable(
  engine: Engine,
  source: Parameters<Engine['relation']>[0],
  role: string,
  names: readonly string[],
  options: { signal?: AbortSignal },
): Promise<string> {
  const at = { ...options, place: `tables.${role}` };
  const { from, label } = await engine.relation(source, at);
  const columns = await engine.columns(`${from} ${role}`, at);
  const there = new Set(columns.map(({ name }) => name.toLowerCase()));
  const absent = names.filter((name) => !there.has(name.toLowerCase()));
  if (absent.length > 0) {
    throw new AppError(
      'bad-data',
      `tables.${role}: ${label} has no column ${absent.join(', ')}`,
      `It has ${[...there].join(', ')}.`,
    );
  }
  let rows = 0n;
  for await (const batch of engine.query(`SELECT CAST(count(*) AS bigint) AS n FROM ${from} ${role}`, at)) {
    rows = (batch.columns.n as BigInt64Array)[0]!;
  }
  if (rows === 0n) throw new AppError('missing-input', `tables.${role}: ${label} has no rows`, 'Deliver the table again.');
  return `${label}: ${rows} rows, ${columns.length} columns`;
}
