import { AppError } from '@basketwise/core/base';
import type { Engine } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { openContacts } from './contacts.ts';
import type { ExtractRequest } from './request.ts';
import { emptyTable } from './source-table.ts';

/** Result of one check of a server. */
export interface SourceCheck {
  /** Name of the check, in a few words. */
  name: string;
  /** Result of the check, as text. */
  text: string;
  /** Error of the check. Absent if it passed. */
  failure?: AppError;
}

/** Name of a server for messages, and its login, such as `as hive`. */
interface Server {
  name: string;
  login: string;
}

/**
 * Checks the server that a config names: connection, login, time of a trivial query, tables, columns and rows. Without a
 * connection it ends at once. After other failures it continues where that is possible. Closes the engine.
 */
export async function* checkServer(
  engine: Engine,
  { name, login: how }: Server,
  request: ExtractRequest,
  signal?: AbortSignal,
): AsyncGenerator<SourceCheck> {
  const options = signal ? { signal } : {};
  try {
    const login = await checkStep(name, async () => {
      const start = performance.now();
      for await (const _ of engine.query('SELECT 1', options));
      const middle = performance.now();
      for await (const _ of engine.query('SELECT 1', options));
      const [first, second] = [middle - start, performance.now() - middle].map((time) => `${(time / 1000).toFixed(2)} s`);
      return `reachable, logged in ${how}; connecting and a first query ${first}, a trivial query ${second}`;
    });
    yield login;
    if (login.failure) return;
    const { customers, products, holdings } = request;
    const used: Readonly<Record<'customers' | 'products' | 'holdings', readonly (string | null | undefined)[]>> = {
      customers: [customers.id],
      products: [products.code, products.name, products.class, products.saleStart, products.saleEnd, products.group],
      holdings: [holdings.customer, holdings.product, holdings.date, holdings.closed],
    };
    for (const role of ['customers', 'products', 'holdings'] as const) {
      const names = used[role].filter((column): column is string => typeof column === 'string');
      yield await checkStep(`tables.${role}`, async () => await describeSource(engine, request[role], role, names, options));
    }
    const contacts = request.offers?.contacts;
    if (contacts)
      yield await checkStep('tables.contacts', async () => {
        const { label, rows } = await openContacts(engine, contacts, options);
        return `${label}: ${rows} rows`;
      });
  } finally {
    await engine.close();
  }
}

async function checkStep(name: string, work: () => Promise<string>): Promise<SourceCheck> {
  try {
    return { name, text: await work() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { name, text: error.message, failure: error };
  }
}

async function describeSource(
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
  const { rows } = await queryCounts(engine, { rows: 'count(*)' }, `${from} ${role}`, at);
  if (rows === 0) throw emptyTable(at.place, label);
  return `${label}: ${rows} rows, ${columns.length} columns`;
}
