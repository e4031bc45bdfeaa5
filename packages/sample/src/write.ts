import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckdbEngine, makeFolder, openDuckdb } from '@basketwise/data';
import { customerColumns, holdingColumns, productColumns } from './bank-columns.ts';
import { type Catalog, drawCatalog } from './catalog.ts';
import { drawCustomers } from './customers.ts';
import { drawHoldings, type HoldingOptions } from './holdings.ts';
import { type Bank, bankOf } from './options.ts';
import { joinParts, writePart } from './parquet-parts.ts';

/** Where to write, beside which bank and which slice of it. */
export interface GenerateOptions extends Omit<HoldingOptions, 'ended'> {
  /** Made if absent; files of the same names are replaced. */
  folder: string;
  /** Called after each chunk of customers. */
  onProgress?: (customers: number, of: number) => void;
}

/** Rows that were written, per table. The files are customers.parquet, products.parquet and holdings.parquet. */
export interface GeneratedBank {
  customers: number;
  products: number;
  holdings: number;
}

const tables = ['customers', 'products', 'holdings'] as const;

/** Writes the parts of one chunk; returns its holdings. */
async function writeChunk(
  engine: DuckdbEngine,
  bank: Bank,
  catalog: Catalog,
  from: number,
  to: number,
  parts: { customers: string; holdings: string },
): Promise<number> {
  const holdings = drawHoldings(bank, catalog, from, to);
  await writePart(engine, parts.holdings, holdings.rows, holdingColumns(holdings, catalog));
  await writePart(engine, parts.customers, to - from, customerColumns(drawCustomers(bank, catalog, holdings)));
  return holdings.rows;
}

async function writeTables(engine: DuckdbEngine, options: GenerateOptions, folder: string): Promise<GeneratedBank> {
  const bank = bankOf(options);
  const catalog = drawCatalog(bank);
  const first = options.from ?? 0;
  const end = Math.min(options.to ?? bank.customers, bank.customers);
  const chunk = options.chunk ?? 100_000;
  const parts: { customers: string; holdings: string }[] = [];
  let holdings = 0;
  for (let from = first; from < end; from += chunk) {
    const to = Math.min(from + chunk, end);
    const part = { customers: join(folder, `customers-${from}.parquet`), holdings: join(folder, `holdings-${from}.parquet`) };
    holdings += await writeChunk(engine, bank, catalog, from, to, part);
    parts.push(part);
    options.onProgress?.(to - first, end - first);
  }
  for (const table of ['customers', 'holdings'] as const) {
    const files = parts.map((part) => part[table]);
    await joinParts(engine, files, join(folder, `${table}.parquet`));
  }
  await writePart(engine, join(folder, 'products.parquet'), catalog.codes.length, productColumns(catalog));
  return { customers: end - first, products: catalog.codes.length, holdings };
}

/**
 * Writes a bank, or a slice of it, as Parquet: memory is bounded by the chunk, files appear when they are complete, and the same
 * options give the same bytes.
 * @throws AppError usage for options out of range, cannot-write where the folder cannot be written.
 */
export async function generateBank(options: GenerateOptions): Promise<GeneratedBank> {
  await makeFolder(options.folder);
  const working = await mkdtemp(join(options.folder, '.generating-'));
  // One thread: the rows of a Parquet file are then always grouped in the same way.
  const engine = await openDuckdb({ memory: '2GB', threads: 1, tempDirectory: join(working, 'spill') });
  try {
    const written = await writeTables(engine, options, working);
    for (const table of tables) await rename(join(working, `${table}.parquet`), join(options.folder, `${table}.parquet`));
    return written;
  } finally {
    await engine.close();
    await rm(working, { recursive: true, force: true });
  }
}
