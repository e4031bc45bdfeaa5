// `npm run claim -- wide [products] [customers]`: cost of a run with many products (5,000) in one campaign, 20,000 customers by default.
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createRandom, dateOfDay } from '@basketwise/core';
import type { DryRun } from '@basketwise/insight';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { runJobProcess } from '../scale/job-process.ts';

const [products = 5000, customers = 20_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'wide-'));
const tastes = 20;
/** 2020-01-01, and the days up to the reference date. */
const [firstDay, days] = [18_262, 970];
/** Chance of one product more. */
const more = 0.54;

/** Writes a bank: a tenth of the customers hold nothing; the others have one of 20 tastes, each with popular products of its own. */
async function writeBank(): Promise<void> {
  const random = createRandom(1);
  const below = (n: number) => Math.floor(random.next() * n);
  const popular = () => Math.floor(products * random.next() ** 2.5);
  const code = (product: number) => `P${String(product).padStart(5, '0')}`;
  const shifts = Array.from({ length: tastes }, () => below(products));
  const table = (name: string, head: string) => {
    const stream = createWriteStream(join(folder, `${name}.csv`));
    stream.write(`${head}\n`);
    return stream;
  };
  const ofProducts = table('products', 'code,name,class');
  for (let product = 0; product < products; product++) ofProducts.write(`${code(product)},${code(product)},all\n`);
  const [ofCustomers, ofHoldings] = [table('customers', 'customer'), table('holdings', 'customer,product,opened')];
  for (let customer = 0; customer < customers; customer++) {
    const id = String(customer).padStart(9, '0');
    const shift = shifts[below(tastes)]!;
    const held = new Set<number>();
    if (below(10) > 0)
      do held.add(random.next() < 0.6 ? (popular() + shift) % products : popular());
      while (random.next() < more);
    const opened = () => dateOfDay(firstDay + Math.floor(days * Math.sqrt(random.next())));
    ofCustomers.write(`${id}\n`);
    const isFull = !ofHoldings.write([...held].map((product) => `${id},${code(product)},${opened()}\n`).join(''));
    if (isFull) await once(ofHoldings, 'drain');
  }
  await Promise.all([ofProducts, ofCustomers, ofHoldings].map((stream) => finished(stream.end())));
}

/** A night with a model. */
async function nightWith(model: 'als' | 'automatic') {
  const file = join(folder, `${model}.yaml`);
  writeFileSync(
    file,
    `reference_date: 2022-08-31
source: { path: ., memory: 500MB }
tables:
  customers: { from: customers.csv, id: customer }
  products: { from: products.csv, code: code, name: name, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code, date: opened }
campaigns: { all: { kind: upsell, class: all } }
model: { kind: ${model} }
output: { dir: ./out-${model}, formats: [parquet] }
`,
  );
  const planned = await runJobProcess(['run', '--dry-run', '--json', '-c', file], { cwd: folder });
  const job = await runJobProcess(['run', '-c', file], { cwd: folder, echo: true });
  if (job.code !== 0) throw new Error(`run with ${model} ended with ${job.code}: ${job.said.at(-1)?.text}`);
  const { memory } = (JSON.parse(planned.stdout) as DryRun).need;
  return { seconds: job.seconds, processor: job.processor, peak: job.peakBytes, named: memory };
}

try {
  await writeBank();
  const [als, automatic] = [await nightWith('als'), await nightWith('automatic')];
  const gibibytes = (bytes: number) => fixed(bytes / 2 ** 30, 2);
  record({
    title: 'Wide catalogues',
    about:
      'One campaign of all products on a drawn bank, with `als` and with the default model; and the memory that `run --dry-run` estimates before.',
    tables: [
      {
        caption: `${grouped(products)} products, ${grouped(customers)} customers`,
        columns: ['model', 'processor time, s', 'by the clock, s', 'peak memory, GiB', 'estimated before, GiB'],
        rows: Object.entries({ als, default: automatic }).map(([model, { seconds, processor, peak, named }]) => [
          ...[model, fixed(processor, 1), fixed(seconds, 1), gibibytes(peak), gibibytes(named)],
        ]),
      },
    ],
    checks: [{ text: 'the default model takes less memory than estimated', holds: automatic.peak < automatic.named }],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
