// `npm run claim -- scale [customers...]`: growth with customers, by default 100,000 and 1 million of 430 products.
import { type ScaleResult, scaleBank } from '../scale/bank-run.ts';
import { reportGrowth } from '../scale/growth.ts';

const asked = process.argv.slice(2).map(Number);
const sizes = (asked.length > 0 ? asked : [100_000, 1_000_000]).sort((a, b) => a - b);
const results: ScaleResult[] = [];
for (const customers of sizes) {
  const result = await scaleBank({ customers, formats: ['parquet'] });
  if (result === undefined) process.exit(1);
  results.push(result);
}
reportGrowth('By customers', results, 'customers');
