import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type GeneratedBank, generateBank } from '@basketwise/pipeline';

/** A generated bank in a folder. */
export interface BankFolder extends GeneratedBank {
  folder: string;
  /** Removes what was generated for this alone. */
  remove(): void;
}

const tables = ['customers', 'products', 'holdings'];

/** The bank that a folder holds whole, if it is of that many customers. */
function readBank(folder: string, customers: number): GeneratedBank | undefined {
  if (![...tables.map((table) => `${table}.parquet`), 'bank.json'].every((file) => existsSync(join(folder, file))))
    return undefined;
  const bank = JSON.parse(readFileSync(join(folder, 'bank.json'), 'utf8')) as GeneratedBank;
  return bank.customers === customers ? bank : undefined;
}

/**
 * Generates a bank of 430 products. In a folder that is named it stays, and is used again by the next who names it; else it goes to a
 * temporary one.
 */
export async function openBank(customers: number, named?: string): Promise<BankFolder> {
  const folder = named === undefined ? mkdtempSync(join(tmpdir(), 'basketwise-bank-')) : resolve(named);
  const remove = () => {
    if (named === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const begin = performance.now();
    const known = readBank(folder, customers);
    const bank = known ?? (await generateBank({ customers, products: 430, folder }));
    writeFileSync(join(folder, 'bank.json'), `${JSON.stringify(bank)}\n`); // last: it says that the bank is whole
    const how = known ? 'there already' : `generated in ${((performance.now() - begin) / 1000).toFixed(1)} s`;
    console.log(`${bank.customers} customers, ${bank.products} product codes, ${bank.holdings} holdings: ${how}`);
    return { ...bank, folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
