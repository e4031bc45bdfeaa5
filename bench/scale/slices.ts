import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GeneratedBank } from '@basketwise/sample/write';
import { type BankFolder, bankFolder } from './bank-folder.ts';

const run = promisify(execFile);
/** Customers of one slice, at most. */
const mostCustomers = 5_000_000;

/**
 * Generates a bank in slices, two at a time, each by a process of its own: `<folder>/<number>/{customers,products,holdings}.parquet`, to be
 * read as one by a glob. The rows are those of the bank in one piece.
 */
async function generateSlices(folder: string, customers: number, products: number): Promise<GeneratedBank> {
  const size = Math.min(mostCustomers, Math.ceil(customers / 2));
  const slices = Array.from({ length: Math.ceil(customers / size) }, (_, i) => i);
  const script = join(import.meta.dirname, 'generate-slice.ts');
  const made: GeneratedBank[] = [];
  const generate = async () => {
    for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) {
      const range = [slice * size, Math.min(customers, (slice + 1) * size)];
      const target = join(folder, String(slice).padStart(3, '0'));
      const args = ['--import', 'tsx', script, target, customers, products, ...range].map(String);
      const { stdout } = await run(process.execPath, args);
      made.push(JSON.parse(stdout));
    }
  };
  await Promise.all([generate(), generate()]);
  const holdings = made.reduce((sum, slice) => sum + slice.holdings, 0);
  return { customers, products: made[0]!.products, holdings };
}

/** A generated bank in a folder (@see bankFolder), in slices: `data/<slice>/*.parquet`. */
export function slicedBank(customers: number, products: number, named?: string): Promise<BankFolder> {
  return bankFolder({ customers, products, named }, (folder) => generateSlices(join(folder, 'data'), customers, products));
}

/** A config of a generated bank in one piece, for one in slices. */
export function configOfSlices(config: string): string {
  return config
    .replace('from: customers.parquet', 'from: "*/customers.parquet"')
    .replace('from: holdings.parquet', 'from: "*/holdings.parquet"')
    .replace('from: products.parquet', 'from: 000/products.parquet');
}
