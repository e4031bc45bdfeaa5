import { chartOf } from '../../bench/records/chart.ts';
import type { Result } from '../../bench/records/record.ts';
import { tableText, withoutZero } from '../../bench/records/table-text.ts';
import { code } from './markdown.ts';

/** Subjects of the page with the titles of their results, in order. */
const subjects: Readonly<Record<string, readonly string[]>> = {
  Kernels: [
    'Ratios of one run, watched in CI',
    'Lists by kind of model',
    "Kernels against the machine's limits",
    'Two workers against one',
  ],
  'Whole runs': [
    'The default model against als',
    'By customers',
    'By products',
    'Wide catalogues',
    'One campaign',
    '100 million customers',
    'Memory estimated before a run',
  ],
  'Against peers, and at full size': [
    'An ALS iteration',
    'The best products of each customer',
    'Long rows',
    'The job of pandas and implicit',
    'A two-stage model',
    'Weights by lambdarank',
    'Columns of customers',
    'Tuning',
    'Rules of products',
    'Frequent sets of a whole bank',
    'Reading from Hive',
  ],
  'Quality of lists': ['The default model on public sets', 'Cell by cell', 'Reasons of rows', 'Pairs of products'],
  Probabilities: ['Windows of sample banks', 'Probabilities without dates'],
  Validation: ['Validation packs'],
  Offers: ['Effect reports of simulated banks', 'Thirty runs in fast motion', 'A thousand capacities'],
  Faults: ['Faults on the output'],
};

/** Path of a chart from docs/. */
const chartPath = (name: string, table: number) => `charts/${name}${table === 0 ? '' : `-${table + 1}`}.svg`;

/**
 * The page of records and its charts: text by path from the root.
 * @param results by name of the file
 * @throws Error where a result has a title that no subject names
 */
export function recordFiles(results: ReadonlyMap<string, Result>): ReadonlyMap<string, string> {
  const titles = Object.values(subjects).flat();
  for (const [name, { title }] of results)
    if (!titles.includes(title)) throw new Error(`${name}: scripts/reference/records-page.ts has no place for "${title}"`);
  const charts = [...results].flatMap(([name, { title, tables }]) =>
    tables.flatMap((table, i): [string, string][] =>
      table.chart === undefined ? [] : [[`docs/${chartPath(name, i)}`, chartOf(table, title)]],
    ),
  );
  return new Map([['docs/records.md', recordsPage(results)], ...charts]);
}

function recordsPage(results: ReadonlyMap<string, Result>): string {
  const sections = Object.entries(subjects).flatMap(([subject, titles]) => {
    const found = titles.flatMap((title) =>
      titleSection(
        title,
        [...results].filter(([, result]) => result.title === title),
      ),
    );
    return found.length === 0 ? [] : [`## ${subject}\n`, ...found];
  });
  return [
    '# Records\n',
    'Figures with the commands that measured them. Written by `npm run schema` from `bench/results`, where a command with `-- --record`',
    'writes its result. [performance.md](performance.md), [evaluation.md](evaluation.md), [probabilities.md](probabilities.md) and',
    '[runs.md](runs.md) say what follows from them.\n',
    'The machine scatters: compare figures of one run. "M" is million customers, f the number of factors. Figures are medians of 3 where contestants',
    'take turns (`BENCH_ROUNDS`), else of one run.\n',
    ...sections,
  ].join('\n');
}

/** A section for the results of a title. */
function titleSection(title: string, results: readonly (readonly [string, Result])[]): string[] {
  if (results.length === 0) return [];
  const abouts = [...new Set(results.map(([, { about }]) => about))];
  return [
    `### ${title}\n`,
    ...abouts.map((about) => `${about}\n`),
    ...results.flatMap(([name, result]) => resultLines(name, result)),
  ];
}

function resultLines(name: string, result: Result): string[] {
  const { tables, checks = [], notes = [], title } = result;
  return [
    `${originLine(result)}\n`,
    ...tables.flatMap((table, i) => [
      `${table.caption === undefined ? '' : `${withoutZero(table.caption)}:\n`}${tableText(table)}`.trimStart(),
      ...(table.chart === undefined ? [] : [`![${title}: ${table.chart.columns.join(', ')}](${chartPath(name, i)})\n`]),
    ]),
    ...(checks.length === 0
      ? []
      : [`${checks.map(({ text, holds }) => `- ${holds ? 'Holds' : '**Missed**'}: ${withoutZero(text)}`).join('\n')}\n`]),
    ...notes.map((note) => `${withoutZero(note)}\n`),
  ];
}

function originLine({ command, date, version, node, machine, entered, peers = {} }: Result): string {
  const { processor, cores, gigabytes } = machine;
  const size = cores === undefined ? processor : `${cores} x ${processor}, ${gigabytes} GB`;
  const versions = Object.entries(peers).map(([peer, number]) => `${peer} ${number}`);
  const facts = [...(version === `of ${date}` ? [] : [date]), `version ${version}`, `Node ${node}`, size, ...versions];
  const source = command === null ? 'By a program outside the repository' : code(command);
  return `${source}: ${facts.join('; ')}.${entered === undefined ? '' : ' **Entered by hand.**'}`;
}
