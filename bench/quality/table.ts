import { bootstrap, difference, type Interval, isDifferent } from '@basketwise/pipeline';
import type { DataSet } from './data-set.ts';
import { rowsOf } from './family.ts';
import { type Column, columns } from './fold-rows.ts';
import type { Row } from './run-folds.ts';

const resampling = { resamples: 2000, seed: 0 };

/** A row with its means and intervals. */
interface JudgedRow {
  name: string;
  means: Record<Column, number>;
  ndcg: Interval;
  minusPopularity: Interval;
  minusBest: Interval;
  chosen: Row['chosen'];
}

/** A set's rows, in the order of the table; rows that cannot be made say why. */
interface JudgedSet {
  set: DataSet;
  customers: number;
  rows: JudgedRow[];
  absent: { name: string; absent: string }[];
  best: JudgedRow;
}

const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;

/** Means, intervals and paired differences of a set's rows, by bootstrap over its test customers. */
export function judge(set: DataSet, made: readonly Row[]): JudgedSet {
  const order = rowsOf(set);
  const rows = order.flatMap(({ name }) => made.filter((row) => row.name === name));
  const ndcg = rows.map((row) => Float64Array.from(row.perCustomer['NDCG@5']));
  const popularity = rows.findIndex(({ name }) => name === 'popularity');
  const means = rows.map((row) => mean(row.perCustomer['NDCG@5']));
  const best = means.indexOf(Math.max(...means));
  const intervals = bootstrap(
    ndcg.flatMap((values) => [values, difference(values, ndcg[popularity]!), difference(values, ndcg[best]!)]),
    resampling,
  );
  const judged = rows.map((row, i): JudgedRow => {
    const [own, minusPopularity, minusBest] = intervals.slice(3 * i) as [Interval, Interval, Interval];
    const byColumn = Object.fromEntries(columns.map((column) => [column, mean(row.perCustomer[column])]));
    const { name, chosen } = row;
    return { name, chosen, means: byColumn as Record<Column, number>, ndcg: own, minusPopularity, minusBest };
  });
  return {
    set,
    customers: ndcg[0]!.length,
    rows: judged,
    absent: order.flatMap(({ name, absent }) => (absent === undefined ? [] : [{ name, absent }])),
    best: judged[best]!,
  };
}

/** A share without the leading 0. */
const share = (value: number, digits = 4) => value.toFixed(digits).replace(/^(-?)0/, '$1');

const gap = (interval: Interval) =>
  `${share(interval.mean)} (${share(interval.low)} .. ${share(interval.high)})${isDifferent(interval) ? '' : ' level'}`;

/** Everything about one set, as Markdown. */
export function setTable({ set, customers, rows, absent }: JudgedSet): string {
  const lines = [
    `## ${set.name}: ${customers} test customers`,
    '',
    `| model | ${columns.join(' | ')} | 95 % of NDCG@5 | minus popularity | minus best |`,
    `|---|${columns.map(() => '---|').join('')}---|---|---|`,
  ];
  for (const row of rows) {
    const cells = columns.map((column) => share(row.means[column]));
    const interval = `${share(row.ndcg.low)} .. ${share(row.ndcg.high)}`;
    lines.push(`| ${row.name} | ${cells.join(' | ')} | ${interval} | ${gap(row.minusPopularity)} | ${gap(row.minusBest)} |`);
  }
  if (absent.length > 0) lines.push('', `Not made: ${absent.map((row) => `${row.name} (${row.absent})`).join(', ')}.`);
  lines.push('', 'Chosen on the inner splits, fold by fold:', '');
  for (const { name, chosen } of rows) {
    if (name !== 'blend') lines.push(`- ${name}: ${chosen.map((spec) => JSON.stringify(spec)).join(' ')}`);
  }
  return lines.join('\n');
}

/** NDCG@5 of all models on all sets with 95 % intervals, as Markdown. */
export function summary(sets: readonly JudgedSet[]): string {
  const names = rowsOf(sets[0]!.set).map(({ name }) => name);
  const line = (name: string, cell: (one: JudgedSet) => string) => `| ${name} | ${sets.map(cell).join(' | ')} |`;
  return [
    line('model', ({ set, customers }) => `${set.name} (${customers.toLocaleString('en')})`),
    `|---|${sets.map(() => '---|').join('')}`,
    ...names.map((name) =>
      line(name, ({ rows, absent, best }) => {
        const row = rows.find((one) => one.name === name);
        if (row === undefined) return absent.find((one) => one.name === name)?.absent ?? '';
        const figure = row === best ? `**${share(row.ndcg.mean)}**` : share(row.ndcg.mean);
        return `${figure} (${share(row.ndcg.low, 3)} .. ${share(row.ndcg.high, 3)})`;
      }),
    ),
  ].join('\n');
}
