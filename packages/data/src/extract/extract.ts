import { createHash } from 'node:crypto';
import { appendFile, chmod, copyFile, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type Product, required } from '@basketwise/core/parts';
import { DuckdbEngine } from '../duckdb/engine.ts';
import { toAppError } from '../duckdb/error.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { hashFile } from '../engine/hash-file.ts';
import { syncPath } from '../engine/sync-path.ts';
import { type SnapshotManifest, snapshotTables } from '../snapshot/manifest.ts';
import { extractCustomers } from './customers.ts';
import { addedColumns } from './features.ts';
import { type ExtractedHoldings, extractHoldings } from './holdings.ts';
import { extractOffers } from './offers.ts';
import { extractPast } from './past.ts';
import { namesakes } from './product-groups.ts';
import { extractProducts } from './products.ts';
import type { ExtractRequest } from './request.ts';
import type { Sources } from './source-table.ts';
import { openSources } from './sources.ts';
import { joinedWhen, predicatesOf, selectCustomers, selectHoldings, selectProducts } from './statement.ts';
import { unknownProductsFile } from './unknown-products.ts';

/** Options of an extraction. */
export interface ExtractOptions {
  signal?: AbortSignal;
  /** Called when a step begins. */
  progress?: (step: 'check' | 'customers' | 'products' | 'holdings' | 'hash') => void;
  /** Engine that joins and writes rows if the source is not DuckDB itself. */
  workbench?: DuckdbEngine;
  /** A snapshot of the same customers' ids, products and holdings: its holdings are reused. */
  holdingsOf?: { folder: string; manifest: SnapshotManifest } | undefined;
  /** Called after all reads, before any file becomes visible: an error ends the extraction. */
  check?: () => Promise<void>;
  /** Called with the products before any other table is read: an error ends the extraction. */
  checkProducts?: (products: readonly Product[]) => Promise<unknown>;
  /** Called with the name of each hashed file, and its sha256. */
  hashed?: (file: string, sha256: string) => void;
  /** Customers whose holdings are joined and sorted at a time (default 25 million). */
  customersAtOnce?: number | undefined;
}

/**
 * Reads the bank's tables and writes a snapshot: `<folder>/{customers,products,holdings}.parquet` (and more files of holdings, of many
 * customers) and `manifest.json`. The folder appears whole, in place of an older one, or not at all. Same files, same bytes, for any number
 * of threads.
 */
export async function extractSnapshot(
  engine: Engine,
  request: ExtractRequest,
  folder: string,
  options: ExtractOptions = {},
): Promise<SnapshotManifest> {
  const workbench = options.workbench ?? engine;
  if (!(workbench instanceof DuckdbEngine))
    throw new AppError('bug', 'a snapshot needs a DuckDB workbench', 'Please report this.');
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
  { signal, progress, holdingsOf, checkProducts, hashed, customersAtOnce }: ExtractOptions,
): Promise<SnapshotManifest> {
  const statement: StatementOptions = signal ? { signal } : {};
  const fileOf = (table: string) => join(folder, `${table}.parquet`);
  const [customersFile, productsFile, pastFile] = [fileOf('customers'), fileOf('products'), fileOf('past')];
  progress?.('check');
  const sources = await openSources(engine, request, statement);
  // for files, record the statements that read them; for a server's tables, only the requested ones exist
  if (engine !== workbench)
    await writeFile(join(folder, 'queries.sql'), sourceQueries(engine, sources, request), { mode: 0o600 });
  progress?.('products');
  const products = await extractProducts(engine, workbench, sources.products, request, productsFile, statement);
  await checkProducts?.(products);
  progress?.('customers');
  const { rules, later, ...customers } = await extractCustomers(
    engine,
    workbench,
    sources.customers,
    request,
    customersFile,
    statement,
  );
  const past = await extractPast(engine, workbench, request, sources, { customers: customersFile, past: pastFile }, statement);
  if (past?.query && engine !== workbench)
    await appendFile(join(folder, 'queries.sql'), `\n-- customers.history\n${past.query};\n`);
  const offered = await extractOffers(
    engine,
    workbench,
    sources.products,
    request,
    products,
    { customers: customersFile, contacts: fileOf('contacts') },
    statement,
  );
  if (offered?.query && engine !== workbench) await appendFile(join(folder, 'queries.sql'), `\n-- contacts\n${offered.query};\n`);
  const hashOf = async (file: string) => {
    const found = await hashFile(file);
    hashed?.(basename(file), found);
    return found;
  };
  const ofPast = past?.isWritten ? [pastFile] : [];
  const hashing = Promise.all([customersFile, productsFile, ...ofPast].map(hashOf)); // of the existing files, while holdings are joined
  const forcing = syncPath(customersFile); // to the disk, at the same time
  for (const begun of [hashing, forcing]) begun.catch(() => undefined); // awaited below
  progress?.('holdings');
  const to = { customers: customersFile, folder };
  const holdings = holdingsOf
    ? await takeHoldings(holdingsOf, folder)
    : await extractHoldings(
        engine,
        workbench,
        sources.holdings,
        request,
        products,
        to,
        { kept: customers.kept, later },
        {
          ...statement,
          ...(customersAtOnce && { customersAtOnce }),
        },
      );
  progress?.('hash');
  const hashingHoldings = Promise.all(holdings.files.map((file) => hashOf(join(folder, file))));
  const [[ofCustomers, ofProducts, ...others], ofHoldings] = await Promise.all([hashing, hashingHoldings, forcing]);
  return {
    version: 1,
    referenceDate: request.referenceDate,
    dataHash: hashOfAll([ofCustomers!, ofProducts!, ...others, ...ofHoldings]),
    holdingsHash: hashOfAll([ofProducts!, ...ofHoldings]),
    customers: { ...customers, withoutHoldings: holdings.withoutHoldings },
    products: countProducts(products),
    holdings: holdings.counts,
    ...(holdings.files.length > 1 && { holdingsFiles: holdings.files }),
    holdingsByClass: holdings.byClass,
    unknownProducts: holdings.unknownProducts,
    rules,
    columns: [
      ...request.columns.map(({ name, kind }) => ({ name, kind })),
      ...predicatesOf(request).map(({ name }) => ({ name, kind: 'predicate' as const })),
    ],
    ...(sources.consents.length > 0 && { consents: sources.consents }),
    ...(past && { features: past.summary }),
    ...(offered && { offers: offered.summary }),
  };
}

/** The statements that read a source, for the record. */
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

/** Most products of one name that a manifest lists. */
const mostNamesakes = 10;

/** Products as the manifest records them. */
export function countProducts(products: readonly Product[]): SnapshotManifest['products'] {
  const classes: Record<string, number> = {};
  for (const product of products) classes[product.class] = (classes[product.class] ?? 0) + 1;
  const groups = new Set(products.map(({ groupKey }) => groupKey)).size;
  const alike = namesakes(products).slice(0, mostNamesakes);
  const onSale = products.filter((product) => product.onSale).length;
  return { read: products.length, groups, onSale, classes, ...(alike.length > 0 && { namesakes: alike }) };
}

/** sha256 over the hashes of files, in their order. */
function hashOfAll(hashes: readonly string[]): string {
  return createHash('sha256').update(hashes.join('\n')).digest('hex');
}

/** Reuses the holdings of another snapshot: hard links if the file system supports them. */
async function takeHoldings(
  { folder: from, manifest }: NonNullable<ExtractOptions['holdingsOf']>,
  folder: string,
): Promise<ExtractedHoldings> {
  const files = required(snapshotTables(manifest), 'holdings');
  for (const file of [...files, unknownProductsFile])
    await link(join(from, file), join(folder, file)).catch(() => copyFile(join(from, file), join(folder, file)));
  const { customers, holdings: counts, holdingsByClass: byClass, unknownProducts } = manifest;
  return { files, counts, byClass, unknownProducts, withoutHoldings: customers.withoutHoldings };
}

/** Makes a finished folder visible under its name, durably. */
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
