import type { Result } from '../../bench/records/record.ts';
import { tableText, withoutZero } from '../../bench/records/table-text.ts';
import { code } from './markdown.ts';

/** Path of the page from the root. */
export const recordsPath = 'bench/RECORDS.md';

/** The page of records: a section for each title, in the order of the alphabet. @param results by name of the file */
export function recordsPage(results: ReadonlyMap<string, Result>): string {
  const titles = [...new Set([...results.values()].map(({ title }) => title))].sort();
  return [
    '# Records\n',
    'Figures with the commands that measured them. Written by `npm run schema` from `bench/results`, where a command with `-- --record`',
    'writes its result. Compare figures of one run: the machine scatters. "M" is million customers, f the number of factors.',
    'Figures are medians of 3 where contestants take turns (`BENCH_ROUNDS`), else of one run.\n',
    ...titles.flatMap((title) =>
      titleSection(
        title,
        [...results.values()].filter((result) => result.title === title),
      ),
    ),
  ].join('\n');
}

/** A section for the results of a title. */
function titleSection(title: string, results: readonly Result[]): string[] {
  const abouts = [...new Set(results.map(({ about }) => about))];
  return [`## ${title}\n`, ...abouts.map((about) => `${about}\n`), ...results.flatMap(resultLines)];
}

function resultLines(result: Result): string[] {
  const { tables, checks = [], notes = [] } = result;
  return [
    `${originLine(result)}\n`,
    ...tables.map((table) =>
      `${table.caption === undefined ? '' : `${withoutZero(table.caption)}:\n`}${tableText(table)}`.trimStart(),
    ),
    ...(checks.length === 0
      ? []
      : [`${checks.map(({ text, holds }) => `- ${holds ? 'Holds' : '**Missed**'}: ${withoutZero(text)}`).join('\n')}\n`]),
    ...notes.map((note) => `${withoutZero(note)}\n`),
  ];
}

function originLine({ command, date, version, node, machine, peers = {} }: Result): string {
  const { processor, cores, gigabytes } = machine;
  const versions = Object.entries(peers).map(([peer, number]) => `${peer} ${number}`);
  const facts = [date, `version ${version}`, `Node ${node}`, `${cores} x ${processor}, ${gigabytes} GB`, ...versions];
  return `${code(command)}: ${facts.join('; ')}.`;
}
