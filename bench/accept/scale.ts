// `npm run accept -- scale [customers...]`: generated banks of 430 products (100,000 and 1,000,000 customers unless told), the sample's six campaigns on
// each: seconds per stage, growth from size to size, distinct baskets, peak memory; the same in build/scale.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { kernelHash } from '@basketwise/core';
import { type ScaleResult, scaleBank } from '../scale/bank-run.ts';
import { printGrowth } from '../scale/growth.ts';

const asked = process.argv.slice(2).map(Number);
const sizes = (asked.length > 0 ? asked : [100_000, 1_000_000]).sort((a, b) => a - b);
const results: ScaleResult[] = [];
for (const customers of sizes) {
  const result = await scaleBank({ customers, formats: ['parquet'] });
  if (result === undefined) process.exit(1);
  results.push(result);
}
printGrowth(results);
const build = join(import.meta.dirname, '../../build');
mkdirSync(build, { recursive: true });
const machine = { processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length };
const versions = { node: process.versions.node, kernels: kernelHash };
writeFileSync(join(build, 'scale.json'), `${JSON.stringify({ machine, versions, results }, null, 2)}\n`);
