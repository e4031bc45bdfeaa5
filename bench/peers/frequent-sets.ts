// `npm run bench:peers -- frequent-sets`: all frequent sets of two real sets of baskets against mlxtend's fpgrowth. Ours searches distinct baskets,
// mlxtend one-hot rows.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNodePool } from '@basketwise/core/node';
import { type FrequentSets, findFrequentSets } from '@basketwise/core/parts';
import { columnOrder, type ItemSets, tableOfSets } from '../../test/reference/item-sets.ts';
import { record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';
import { dataFile, loadDataSet } from '../sets/real-sets.ts';
import { pythonWith } from './python.ts';
import { median } from './rounds.ts';

const least = 50;
const threads = Number(process.env.BENCH_THREADS ?? 2);
const minSupport = 0.001;
/** Our runs are so short that several are timed for each of the peer's. */
const runsPerRound = 7;
const folder = mkdtempSync(join(tmpdir(), 'basketwise-frequent-sets-'));

interface Found {
  seconds: number;
  /** Seconds to make the table that is searched. */
  prepared: number;
  /** Sets by size, and the sum of all supports. */
  sizes: number[];
  support: number;
}

function summary({ sets }: FrequentSets): Pick<Found, 'sizes' | 'support'> {
  const sizes: number[] = [];
  for (const { columns } of sets) sizes[columns.length - 1] = (sizes[columns.length - 1] ?? 0) + 1;
  return { sizes, support: sets.reduce((sum, { support }) => sum + support, 0) };
}

/** Baskets of the anonymous supermarket: a line each, items as numbers. */
function retailBaskets(path: string): ItemSets {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => [...new Set(line.trim().split(' ').map(Number))].sort((a, b) => a - b));
}

const rows: (string | number)[][] = [];
const faults: string[] = [];

async function compare(name: string, sets: ItemSets, rounds: number): Promise<void> {
  const items = sets.reduce((most, set) => set.reduce((a, b) => Math.max(a, b), most), 0) + 1;
  const file = join(folder, 'baskets.txt');
  writeFileSync(file, `${sets.map((set) => set.join(' ')).join('\n')}\n`);
  const spec = { file, items, support: minSupport, minimum: Math.ceil(sets.length * minSupport) };
  const python = pythonWith('frequent-sets', ['mlxtend==0.25.0']);
  const script = fileURLToPath(new URL('frequent-sets.py', import.meta.url));
  const pool = await createNodePool(threads);
  const begin = performance.now();
  const order = columnOrder(
    sets,
    Array.from({ length: items }, (_, item) => String(item)),
  );
  const table = tableOfSets(pool.memory, order, sets);
  const prepared = (performance.now() - begin) / 1000;
  const [ours, theirs]: [Found[], Found[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (let run = 0; run < runsPerRound; run++) {
      const start = performance.now();
      const found = await findFrequentSets({ pool, table, range: { from: 0, to: table.rows } }, { minSupport });
      ours.push({ seconds: (performance.now() - start) / 1000, prepared, ...summary(found) });
    }
    theirs.push(JSON.parse(execFileSync(python, [script, JSON.stringify(spec)], { encoding: 'utf8' })) as Found);
  }
  await pool.close();
  const equal = [...ours, ...theirs].every(
    ({ sizes, support }) => support === ours[0]!.support && String(sizes) === String(ours[0]!.sizes),
  );
  const of = (runs: readonly Found[], key: 'seconds' | 'prepared') => median(runs.map((run) => run[key]));
  const [mine, peer] = [of(ours, 'seconds'), of(theirs, 'seconds')];
  const [mineTable, peerTable] = [of(ours, 'prepared'), of(theirs, 'prepared')];
  const found = ours[0]!.sizes.reduce((a, b) => a + b, 0);
  rows.push([name, sets.length, found, rounds, fixed(mine, 4), fixed(peer, 3), fixed(peer / mine, 1)]);
  rows.at(-1)!.push(fixed((peer + peerTable) / (mine + mineTable), 1));
  if (!equal) faults.push(`${name} has different sets`);
  if (peer / mine < least) faults.push(`${name} ${(peer / mine).toFixed(1)}`);
}

try {
  const groceries = await loadDataSet('groceries');
  const retail = dataFile('fimi_retail/retail.dat');
  if (groceries === undefined || retail === undefined) throw new Error('groceries or fimi_retail is not on this machine');
  await compare('groceries', groceries.sets, 5);
  await compare('fimi_retail', retailBaskets(retail), 3);
  record({
    title: 'Rules of products',
    about:
      "All frequent sets (support .001) of two real sets of baskets against mlxtend's fpgrowth, in turns; the tables that are searched are made before the clock starts, or counted in the last column.",
    tables: [
      {
        columns: ['set', 'baskets', 'frequent sets', 'rounds', 'ours, s', 'mlxtend, s', 'times as fast', 'tables counted'],
        rows,
      },
    ],
    checks: [
      {
        text: `equal sets, and at least ${least} times as fast${faults.map((one) => `; ${one}`).join('')}`,
        holds: faults.length === 0,
      },
    ],
    peers: { mlxtend: '0.25.0' },
  });
} finally {
  rmSync(folder, { recursive: true });
}
