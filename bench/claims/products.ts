// `npm run claim -- products [--customers N] [--banks FOLDER] [products...]`: growth with products, by default 16, 100, 430 and 2,000 of 1 million
// customers. Banks in a named folder are generated once and used again.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ScaleResult, scaleBank } from '../scale/bank-run.ts';
import { reportGrowth } from '../scale/growth.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { customers: { type: 'string', default: '1000000' }, banks: { type: 'string' } },
});
const asked = positionals.map(Number);
const sizes = (asked.length > 0 ? asked : [16, 100, 430, 2000]).sort((a, b) => a - b);
const results: ScaleResult[] = [];
for (const products of sizes) {
  const bank = values.banks && join(values.banks, String(products));
  const result = await scaleBank({ customers: Number(values.customers), products, formats: ['parquet'], bank });
  if (result === undefined) process.exit(1);
  results.push(result);
}
reportGrowth('By products', results, 'products');
