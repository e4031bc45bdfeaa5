// `npm run bench:peers -- topn [customers]`: the five best products of each customer of a generated postal bank (10 million, 300 products) against
// implicit and numpy.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record } from '../records/record.ts';
import { grouped } from '../records/table-text.ts';
import { taskOf, writeBank, writeStart } from './bank-files.ts';
import { nodePeer, pythonPeer } from './peer.ts';
import { inRounds, median, ratioOf, ratioText } from './rounds.ts';

interface Listed {
  seconds: number;
  same: number;
  ties: number;
  different: number;
}

const [customers = 10_000_000] = process.argv.slice(2).map(Number);
const slice = Math.min(customers, 200_000);
const n = 5;
const folder = mkdtempSync(join(tmpdir(), 'basketwise-topn-'));
const [ours, plain, peer] = [
  nodePeer('factorization-ours.ts'),
  nodePeer('factorization-ours.ts'),
  pythonPeer('factorization.py'),
];
try {
  const lines = await writeBank(folder, customers, 300);
  const task = taskOf(folder, customers, lines, 64);
  writeStart(task);
  const { rows } = await ours.ask<{ rows: number }>({ run: 'load', ...task, collapsed: true });
  await plain.ask({ run: 'load', ...task, collapsed: false });
  const { versions } = await peer.ask<{ versions: Record<string, string> }>({ run: 'load', ...task, cg: false });
  await plain.ask({ run: 'fit', iterations: 1 });
  await ours.ask({ run: 'fit', iterations: 5 });
  await ours.ask({ run: 'topN', n, save: slice });
  await peer.ask({ run: 'slice_of', from: 0, to: slice });
  const listed: Record<string, Listed> = {};
  const perCustomer = async (name: string, command: Record<string, unknown>) => {
    listed[name] = await peer.ask<Listed>({ ...command, n });
    return listed[name].seconds / slice;
  };
  const seconds = await inRounds({
    ours: async () => (await ours.ask<{ seconds: number }>({ run: 'topN', n })).seconds / customers,
    'ours, not collapsed': async () => (await plain.ask<{ seconds: number }>({ run: 'topN', n })).seconds / customers,
    'implicit recommend': () => perCustomer('implicit recommend', { run: 'recommend' }),
    'numpy by hand': () => perCustomer('numpy by hand', { run: 'numpy_top', block: 4096, threads: task.threads }),
  });
  const different = Object.values(listed).reduce((sum, one) => sum + one.different, 0);
  record({
    title: 'The best products of each customer',
    about:
      'Basketwise lists all customers of a generated postal bank from one set of item factors (f = 64). The peers list some of them: implicit by one call of recommend(), ' +
      'numpy by hand in blocks. Their lists are compared with ours one by one.',
    tables: [
      {
        caption: `Top ${n} of ${lines} products, ${grouped(customers)} customers (${grouped(rows)} distinct baskets); peers on ${grouped(slice)}`,
        columns: ['what', 'ns per customer', 'customers per second', 'times ours', 'lists as ours', 'but for ties', 'different'],
        rows: Object.entries(seconds).map(([name, taken]) => [
          name,
          Number((median(taken) * 1e9).toPrecision(3)),
          Math.round(1 / median(taken)),
          ratioText(ratioOf(taken, seconds.ours)),
          ...(listed[name] ? [listed[name].same, listed[name].ties, listed[name].different] : ['', '', '']),
        ]),
      },
    ],
    checks: [{ text: 'lists differ by ties alone', holds: different === 0 }],
    peers: versions,
  });
} finally {
  for (const process of [ours, plain, peer]) process.close();
  rmSync(folder, { recursive: true });
}
