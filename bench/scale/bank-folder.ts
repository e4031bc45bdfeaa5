import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type GeneratedBank, generateBank } from '@basketwise/sample/write';

/** A generated bank in a folder. */
export interface BankFolder extends GeneratedBank {
  folder: string;
  /** Removes what was generated for this alone. */
  remove(): void;
}

/** The bank that a folder holds whole, if it is of that many customers and products. */
function readBank(folder: string, customers: number, products: number): GeneratedBank | undefined {
  const file = join(folder, 'bank.json');
  if (!existsSync(file)) return undefined;
  const bank = JSON.parse(readFileSync(file, 'utf8')) as GeneratedBank & { asked?: number };
  return bank.customers === customers && bank.asked === products ? bank : undefined;
}

/**
 * A folder with a bank. In one that is named the bank stays, and is used again by the next who names it; else it goes to a temporary one.
 * @param generate fills the folder
 */
export async function bankFolder(
  { customers, products, named }: { customers: number; products: number; named?: string | undefined },
  generate: (folder: string) => Promise<GeneratedBank>,
): Promise<BankFolder> {
  const folder = named === undefined ? mkdtempSync(join(tmpdir(), 'basketwise-bank-')) : resolve(named);
  const remove = () => {
    if (named === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const begin = performance.now();
    const known = readBank(folder, customers, products);
    const bank = known ?? (await generate(folder));
    // last: it says that the bank is whole
    if (!known) writeFileSync(join(folder, 'bank.json'), `${JSON.stringify({ ...bank, asked: products })}\n`);
    const how = known ? 'there already' : `generated in ${((performance.now() - begin) / 1000).toFixed(1)} s`;
    console.error(`${bank.customers} customers, ${bank.products} product codes, ${bank.holdings} holdings: ${how}`);
    return { ...bank, folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A bank in one piece (@see bankFolder). */
export function openBank(bank: { customers: number; products: number; named?: string | undefined }): Promise<BankFolder> {
  const { customers, products } = bank;
  return bankFolder(bank, (folder) => generateBank({ customers, products, folder }));
}
