import { createHash } from 'node:crypto';
import { appendFile, chmod, copyFile, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError, bug, type Product, required } from '@basketwise/core';
import { DuckdbEngine } from '../duckdb/engine.ts';
import { toAppError } from '../duckdb/error.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { hashFile } from '../files/open-file.ts';
import { syncPath } from '../files/sync-path.ts';
import { type FilledColumns, type SnapshotManifest, snapshotTables } from '../snapshot/manifest.ts';
import { type ExtractedCustomers, extractCustomers } from './customers.ts';
import { addedColumns } from './features.ts';
import { type ExtractedHoldings, extractHoldings } from './holdings.ts';
import { extractOffers } from './offers.ts';
import { extractPast } from './past.ts';
import { namesakes } from './product-groups.ts';
import { unknownProductsFile } from './product-texts.ts';
import { extractProducts, filledProducts } from './products.ts';
import type { ExtractRequest } from './request.ts';
import type { Sources, SourceTable } from './source-table.ts';
import { openSources } from './sources.ts';
import { joinedWhen, predicatesOf, selectCustomers, selectHoldings, selectProducts } from './statement.ts';

/** Options of an extraction. */
export interface ExtractOptions {
  signal?: AbortSignal;
  /** Called at the beginning of each step. */
  progress?: (step: 'check' | 'customers' | 'products' | 'holdings' | 'hash') => void;
  /** DuckDB that joins and writes the rows, if the source is another engine. */
  workbench?: DuckdbEngine;
  /** Snapshot with the same customers, products and holdings. Its holdings are reused instead of extracted. */
  holdingsOf?: { folder: string; manifest: SnapshotManifest } | undefined;
  /** Called after all tables were read, before any file becomes visible. An error ends the extraction. */
  check?: () => Promise<void>;
  /** Called with the opened tables, before the first is read. An error ends the extraction. */
  checkTables?: (sources: Sources) => Promise<unknown>;
  /** Called with the products, before another table is read. An error ends the extraction. */
  checkProducts?: (products: readonly Product[]) => Promise<unknown>;
  /** Called for each file that was hashed, with its name and sha256. */
  hashed?: (file: string, sha256: string) => void;
  /** Number of customers whose holdings are joined and sorted in one step. Default 25 million. */
  customersAtOnce?: number | undefined;
}

/**
 * Reads the tables of the bank and writes a snapshot, the files `<folder>/{customers,products,holdings}.parquet` and
 * `manifest.json`. If there are many customers, there are several files of holdings. The folder appears when it is complete, and
 * replaces an older one. The same files give the same bytes, for any number of threads.
 */
export async function extractSnapshot(
  engine: Engine,
  request: ExtractRequest,
  folder: string,
  options: ExtractOptions = {},
): Promise<SnapshotManifest> {
  const workbench = options.workbench ?? engine;
  if (!(workbench instanceof DuckdbEngine)) throw bug('a snapshot needs a DuckDB workbench');
  const unfinished = `${folder}.unfinished`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    const manifest = await extractInto(engine, workbench, request, unfinished, options);
    await options.check?.();
    await publishSnapshot(unfinished, folder, manifest);
    return manifest;
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined); // Throw the first failure.
    throw cause instanceof AppError ? cause : toAppError(cause, options.signal ? { signal: options.signal } : {}, folder);
  }
}

async function extractInto(
  engine: Engine,
  workbench: DuckdbEngine,
  request: ExtractRequest,
  folder: string,
  options: ExtractOptions,
): Promise<SnapshotManifest> {
  const { signal, progress, hashed } = options;
  const statement: StatementOptions = signal ? { signal } : {};
  progress?.('check');
  const sources = await openSources(engine, request, statement);
  const { checkProducts, checkTables } = options;
  await checkTables?.(sources);
  const tables = await extractTables({ engine, workbench, request, sources, folder, statement, progress, checkProducts });
  const hashOf = async (file: string) => {
    const found = await hashFile(file);
    hashed?.(basename(file), found);
    return found;
  };
  const customersFile = fileOfTable(folder, 'customers');
  const made = [
    customersFile,
    ...['products', ...(tables.past?.isWritten ? ['past'] : [])].map((name) => fileOfTable(folder, name)),
  ];
  const hashing = Promise.all(made.map(hashOf)); // Hash the existing files while holdings are joined.
  const forcing = syncPath(customersFile); // Force them to the disk at the same time.
  for (const begun of [hashing, forcing]) begun.catch(() => undefined); // Awaited below.
  progress?.('holdings');
  const { products, customers, later } = tables;
  const { holdingsOf, customersAtOnce } = options;
  const joining = { ...statement, ...(customersAtOnce && { customersAtOnce }) };
  const to = { customers: customersFile, folder };
  const holdings = holdingsOf
    ? await takeHoldings(holdingsOf, folder)
    : await extractHoldings(engine, workbench, sources.holdings, request, products, to, { kept: customers.kept, later }, joining);
  progress?.('hash');
  const hashingHoldings = Promise.all(holdings.files.map((file) => hashOf(join(folder, file))));
  const [ofTables, ofHoldings] = await Promise.all([hashing, hashingHoldings, forcing]);
  return snapshotManifest(request, sources, tables, holdings, { tables: ofTables, holdings: ofHoldings });
}

function fileOfTable(folder: string, table: string): string {
  return join(folder, `${table}.parquet`);
}

/** Results of an unfinished snapshot before its holdings are extracted. */
interface ExtractedTables {
  products: Product[];
  customers: Omit<ExtractedCustomers, 'rules' | 'filled'>;
  filled: FilledColumns;
  rules: SnapshotManifest['rules'];
  /** Relation of the customers who joined after the reference date. Null if there are none. */
  later: string | null;
  past: Awaited<ReturnType<typeof extractPast>>;
  offered: Awaited<ReturnType<typeof extractOffers>>;
}

/** Extracts products, customers, past values of features, and contacts. Writes the queries sent to a server to `queries.sql`. */
async function extractTables({
  engine,
  workbench,
  request,
  sources,
  folder,
  statement,
  progress,
  checkProducts,
}: {
  progress: ExtractOptions['progress'] | undefined;
  checkProducts: ExtractOptions['checkProducts'] | undefined;
  engine: Engine;
  workbench: DuckdbEngine;
  request: ExtractRequest;
  sources: Sources;
  folder: string;
  statement: StatementOptions;
}): Promise<ExtractedTables> {
  const [customersFile, productsFile] = [fileOfTable(folder, 'customers'), fileOfTable(folder, 'products')];
  // For files, all statements that read them are recorded. For a server, only the queries of the config exist.
  const isServer = engine !== workbench;
  const queries = join(folder, 'queries.sql');
  const recordQuery = async (title: string, query: string | null | undefined) => {
    if (query && isServer) await appendFile(queries, `\n-- ${title}\n${query};\n`);
  };
  if (isServer) await writeFile(queries, sourceQueries(engine, sources, request), { mode: 0o600 });
  progress?.('products');
  const products = await extractProducts(engine, workbench, sources.products, request, productsFile, statement);
  await checkProducts?.(products);
  progress?.('customers');
  const all = await extractCustomers(engine, workbench, sources.customers, request, customersFile, statement);
  const { rules, later, filled, ...customers } = all;
  const ofPast = { customers: customersFile, past: fileOfTable(folder, 'past') };
  const past = await extractPast(engine, workbench, request, sources, ofPast, statement);
  await recordQuery('customers.history', past?.query);
  const ofContacts = { customers: customersFile, contacts: fileOfTable(folder, 'contacts') };
  const offered = await extractOffers(engine, workbench, sources.products, request, products, ofContacts, statement);
  await recordQuery('contacts', offered?.query);
  const ofProducts = await filledProducts(engine, sources.products, request, statement);
  const contacts = offered?.summary.contacts;
  const contacted = contacts && { 'rows of tables.contacts': { part: contacts.kept, whole: customers.kept } };
  const allFilled = { ...filled, ...ofProducts, ...contacted, ...offered?.filled };
  return { products, customers, filled: allFilled, rules, later, past, offered };
}

/**
 * Makes the manifest of a snapshot.
 * @param hashes sha256 of the files of customers, products, past features and holdings
 */
function snapshotManifest(
  request: ExtractRequest,
  { consents, statuses, products: productTable }: Sources,
  { products, customers, filled, rules, past, offered }: ExtractedTables,
  holdings: ExtractedHoldings,
  hashes: { tables: readonly string[]; holdings: readonly string[] },
): SnapshotManifest {
  return {
    version: 1,
    referenceDate: request.referenceDate,
    dataHash: hashOfAll([...hashes.tables, ...hashes.holdings]),
    holdingsHash: hashOfAll([hashes.tables[1]!, ...hashes.holdings]),
    customers: { ...customers, withoutHoldings: holdings.withoutHoldings },
    products: countProducts(products, productTable),
    holdings: holdings.counts,
    ...(holdings.files.length > 1 && { holdingsFiles: holdings.files }),
    holdingsByClass: holdings.byClass,
    unknownProducts: holdings.unknownProducts,
    rules,
    columns: [
      ...request.columns.map(({ name, kind }) => ({ name, kind })),
      ...predicatesOf(request).map(({ name }) => ({ name, kind: 'predicate' as const })),
    ],
    filled: { ...filled, ...holdings.filled },
    ...(holdings.newestDay !== undefined && { newestDay: holdings.newestDay }),
    ...(statuses.length > 0 && { statuses }),
    ...(consents.length > 0 && { consents }),
    ...(past && { features: past.summary }),
    ...(offered && { offers: offered.summary }),
  };
}

/** Statements that read a source, for the file `queries.sql`. */
export function sourceQueries({ dialect }: Engine, { customers, products, holdings }: Sources, request: ExtractRequest): string {
  const queries = {
    customers: selectCustomers(
      dialect,
      customers.from,
      request,
      [...addedColumns(dialect, request, customers.typeOf).values()],
      joinedWhen(dialect, request, customers.typeOf)?.present,
    ),
    products: selectProducts(dialect, products.from, request, products.typeOf),
    holdings: selectHoldings(dialect, holdings.from, request, holdings.typeOf),
  };
  return Object.entries(queries)
    .map(([table, sql]) => `-- ${table}\n${sql};\n`)
    .join('\n');
}

/** Largest number of namesakes (products with the name of another) that a manifest lists. */
const mostNamesakes = 10;

/**
 * Counts of the products, for the manifest.
 * @param rows number of rows of their table
 */
export function countProducts(products: readonly Product[], { rows }: Pick<SourceTable, 'rows'>): SnapshotManifest['products'] {
  const classes: Record<string, number> = {};
  for (const product of products) classes[product.class] = (classes[product.class] ?? 0) + 1;
  const groups = new Set(products.map(({ groupKey }) => groupKey)).size;
  const alike = namesakes(products).slice(0, mostNamesakes);
  const onSale = products.filter((product) => product.onSale).length;
  const repeated = rows - products.length;
  return {
    read: products.length,
    ...(repeated > 0 && { repeated }),
    groups,
    onSale,
    classes,
    ...(alike.length > 0 && { namesakes: alike }),
  };
}

/** sha256 over the hashes of files, in the order of the files. */
function hashOfAll(hashes: readonly string[]): string {
  return createHash('sha256').update(hashes.join('\n')).digest('hex');
}

/** Takes the holdings of another snapshot, by hard links if the file system supports them, otherwise by copies. */
async function takeHoldings(
  { folder: from, manifest }: NonNullable<ExtractOptions['holdingsOf']>,
  folder: string,
): Promise<ExtractedHoldings> {
  const files = required(snapshotTables(manifest), 'holdings');
  for (const file of [...files, unknownProductsFile])
    await link(join(from, file), join(folder, file)).catch(() => copyFile(join(from, file), join(folder, file)));
  const { customers, holdings: counts, holdingsByClass: byClass, unknownProducts, filled = {}, newestDay } = manifest;
  const ofHoldings = Object.entries(filled).filter(([place]) => place.includes('tables.holdings.'));
  const { withoutHoldings } = customers;
  return { files, counts, byClass, unknownProducts, withoutHoldings, filled: Object.fromEntries(ofHoldings), newestDay };
}

/** Makes a finished folder visible under its final name, durably. */
export async function publishSnapshot(unfinished: string, folder: string, manifest: SnapshotManifest): Promise<void> {
  for (const name of [...snapshotTables(manifest).values()].flat()) {
    const file = join(unfinished, name);
    await chmod(file, 0o600);
    await syncPath(file);
  }
  const handle = await open(join(unfinished, 'manifest.json'), 'w', 0o600);
  await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
  await handle.sync();
  await handle.close();
  await syncPath(unfinished);
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  await syncPath(dirname(folder));
}
