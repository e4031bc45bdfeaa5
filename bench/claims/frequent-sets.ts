// `npm run claim -- frequent-sets [customers]`: time and memory of the frequent sets of 10 million generated customers.
import { createNodePool } from '@basketwise/core/node';
import { BasketBuilder, CsrBuilder, findFrequentSets } from '@basketwise/core/parts';
import { bankOf, drawCatalog, drawHoldings } from '@basketwise/sample';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';

const mostMemory = 2 * 2 ** 30;
const chunk = 100_000;
const threads = Number(process.env.BENCH_THREADS ?? 2);
const [customers = 10_000_000] = process.argv.slice(2).map(Number);

const bank = bankOf({ customers });
const catalog = drawCatalog(bank);
const products = catalog.lines.length;
const codes = catalog.lines.map((_, line) => String(line).padStart(4, '0'));
const pool = await createNodePool(threads);
const rows: (string | number)[][] = [];
const step = (text: string, since: number) => {
  rows.push([text, fixed((performance.now() - since) / 1000, 2), Math.round(process.resourceUsage().maxRSS / 1024)]);
};

let begin = performance.now();
const holdings = new CsrBuilder({ pool, customers, products, referenceDay: bank.referenceDay, cutoffs: [] });
for (let from = 0; from < customers; from += chunk) {
  const { customer, product, opened } = drawHoldings(bank, catalog, from, Math.min(from + chunk, customers), false);
  holdings.add({ customer, product, days: opened });
}
const csr = await holdings.finish();
step(`makes and sorts ${grouped(csr.entries)} holdings`, begin);
begin = performance.now();
const builder = new BasketBuilder({ pool, columns: codes, projection: Int32Array.from(codes, (_, line) => line) });
await builder.add(csr);
const { table } = await builder.finish();
step(`finds ${grouped(table.rows)} distinct baskets`, begin);
begin = performance.now();
const { sets } = await findFrequentSets({ pool, table, range: { from: 0, to: table.rows } }, { minSupport: 0.001 });
step(`finds ${grouped(sets.length)} frequent sets`, begin);
await pool.close();
const peak = process.resourceUsage().maxRSS * 1024;
record({
  title: 'Frequent sets of a whole bank',
  about:
    'All frequent sets (support .001) of generated customers. Holdings are drawn chunk by chunk and collapsed in kernel memory.',
  tables: [
    {
      caption: `${grouped(customers)} customers, ${products} products, ${threads} threads`,
      columns: ['step', 's', 'peak memory so far, MiB'],
      rows,
    },
  ],
  checks: [{ text: `${(peak / 2 ** 30).toFixed(2)} GiB, at most 2`, holds: peak <= mostMemory }],
});
