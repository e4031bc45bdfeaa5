// `npm run claim -- cells [--worlds old,new,berka] [--seeds 0,1,2] [--customers 50000] [--others 10000000] [--before CHECKOUT] [--keep FOLDER]
// [--all]`: published lists cell by cell. `--before` also compares the `automatic` of another checkout, `--keep` reuses finished days, `--all`
// prints each cell.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cellsOn } from '../cells/cell.ts';
import { banksOf, type CellBank, writeConfig } from '../cells/cell-banks.ts';
import { type CellResult, reliabilityOf, resultOf } from '../cells/cell-result.ts';
import {
  cellHeader,
  cellRows,
  probabilityHeader,
  probabilityRows,
  summaryHeader,
  summaryRows,
  tenthHeader,
  tenthRows,
} from '../cells/cell-table.ts';
import { CustomerView } from '../cells/customer-at.ts';
import { type DatedBank, dayOf, readBank } from '../cells/dated-bank.ts';
import { nearOracle } from '../cells/near-oracle.ts';
import { readLists, runJob } from '../cells/published-lists.ts';
import { record } from '../records/record.ts';
import { tableText } from '../records/table-text.ts';
import { hasBerka } from '../sets/berka-bank.ts';

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: 'old,new,berka' },
    seeds: { type: 'string', default: '0,1,2' },
    dates: { type: 'string' },
    customers: { type: 'string', default: '50000' },
    others: { type: 'string', default: '10000000' },
    before: { type: 'string' },
    keep: { type: 'string' },
    all: { type: 'boolean', default: false },
  },
});
/** Fewer cases than this make no cell. */
const leastCases = 20;
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'basketwise-cells-')));

/** Judges all campaigns of a bank on a date. */
async function judgeDay(bankFolder: string, source: CellBank, bank: DatedBank, date: string): Promise<CellResult[]> {
  const at = dayOf(date);
  const { months, campaigns, world, seed } = source;
  const listsOf = async (root: string, before: boolean) => {
    const output = before ? `before-${date}` : `out-${date}`;
    runJob(root, await writeConfig(bankFolder, source, output, before), date);
    const lists = await readLists(join(bankFolder, output), bank);
    await rm(join(bankFolder, output), { recursive: true });
    return lists;
  };
  const now = await listsOf(checkout, false);
  const before = values.before === undefined ? null : await listsOf(values.before, true);
  const classOf = bank.products.map((product) => product.class);
  const cells = cellsOn(bank, campaigns, at, months);
  const others = source.others?.(Number(values.others), bank) ?? null;
  const oracle = others === null ? null : await nearOracle(cells, classOf, { at, months }, others);
  const view = new CustomerView(bank, at, months);
  const bought = Array.from({ length: bank.customers }, (_, customer) =>
    view.hasBought(customer) ? view.of(customer).bought : [],
  );
  return cells.map((cell) => ({
    ...resultOf({ world, seed, date }, cell, { now, before }, oracle),
    probabilities: reliabilityOf(now, cell.campaign.name, (customer, product) => bought[customer]!.includes(product)),
  }));
}

async function judgeBank(source: CellBank): Promise<CellResult[]> {
  const bankFolder = join(folder, `${source.world}-${source.seed}`);
  const results: CellResult[] = [];
  let bank: DatedBank | undefined;
  await mkdir(bankFolder, { recursive: true });
  for (const date of values.dates?.split(',') ?? source.dates) {
    const file = join(folder, `${source.world}-${source.seed}-${date}.json`);
    if (!existsSync(file)) {
      if (bank === undefined) {
        await source.write(bankFolder);
        bank = await readBank(bankFolder, source.queries);
      }
      const began = performance.now();
      await writeFile(file, JSON.stringify(await judgeDay(bankFolder, source, bank, date)));
      console.error(`${source.world} ${source.seed}, ${date}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
    }
    results.push(...(JSON.parse(await readFile(file, 'utf8')) as CellResult[]));
  }
  return results;
}

try {
  await mkdir(folder, { recursive: true });
  const results: CellResult[] = [];
  for (const world of values.worlds.split(',')) {
    if (world === 'berka' && !hasBerka()) {
      console.error('berka: skipped, the set is absent from the folder of real sets');
      continue;
    }
    for (const source of banksOf(world, values.seeds.split(',').map(Number), Number(values.customers)))
      results.push(...(await judgeBank(source)));
  }
  const cells = results.filter((result) => result.values.default!.length >= leastCases);
  if (values.all) console.log(tableText({ columns: cellHeader, rows: cellRows(cells) }));
  console.log(tableText({ columns: probabilityHeader, rows: probabilityRows(results) }));
  record({
    title: 'Cell by cell',
    about:
      'Published lists of the default model in each cell (bank x date x campaign) with 20 customers or more, NDCG@5: beside the best popularity baseline of the cell in hindsight, and a near-oracle. ' +
      'The near-oracle counts purchases of other customers of the same world with the same basket and features. It knows launches but no pairs of products: it is a mark, not a bound.',
    tables: [
      { columns: summaryHeader, rows: summaryRows(cells) },
      { caption: 'Probabilities of all rows', columns: tenthHeader, rows: tenthRows(results) },
    ],
  });
} finally {
  if (values.keep === undefined) await rm(folder, { recursive: true });
}
