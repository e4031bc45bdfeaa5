import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { tableText } from './table-text.ts';

export interface ResultTable {
  readonly caption?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Bound of a claim, as a sentence with the measured figure. */
export interface Check {
  readonly text: string;
  readonly holds: boolean;
}

/** Figures of one run of a bench or claim. */
export interface Figures {
  /** Heading in bench/RECORDS.md; results with one title are one section. */
  readonly title: string;
  /** Sentences on the measurement, the same for each run. */
  readonly about: string;
  readonly tables: readonly ResultTable[];
  readonly checks?: readonly Check[];
  /** Sentences on the figures. */
  readonly notes?: readonly string[];
  /** Versions of peers by name. */
  readonly peers?: Readonly<Record<string, string>>;
}

/** Content of a file in bench/results. */
export interface Result extends Figures {
  /** Command as typed. */
  readonly command: string;
  /** Day of the run, YYYY-MM-DD. */
  readonly date: string;
  /** Commit of the program, with `-dirty` where files differed from it. */
  readonly version: string;
  readonly node: string;
  readonly machine: { readonly processor: string; readonly cores: number; readonly gigabytes: number };
}

export const resultsFolder = join(import.meta.dirname, '../results');

/**
 * Prints the tables of a bench or claim and its checks. With `--record` (bench/run.mjs) also writes them to bench/results.
 * Sets exit code 1 where a check does not hold.
 */
export function record(figures: Figures): void {
  for (const table of figures.tables)
    console.log(`${table.caption === undefined ? '' : `\n${table.caption}:\n`}${tableText(table)}`);
  for (const note of figures.notes ?? []) console.log(note);
  for (const { text, holds } of figures.checks ?? []) console.log(`${holds ? 'ok' : 'FAIL'}: ${text}`);
  if (figures.checks?.some(({ holds }) => !holds)) process.exitCode = 1;
  const command = process.env.BENCH_RECORD;
  if (!command) return;
  const { title, about, ...rest } = figures;
  const file = `${resultName(command)}.json`;
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(join(resultsFolder, file), resultText({ title, command, ...origin(), about, ...rest }));
  console.log(`recorded in bench/results/${file}; npm run schema writes bench/RECORDS.md`);
}

/** Name of a command's result: its words and those of its variables, without `npm run`. */
export function resultName(command: string): string {
  const words = command.split(' ');
  const variables = words.filter((word) => word.includes('='));
  const rest = words.filter((word) => !['npm', 'run', '--', ...variables].includes(word));
  const text = [...rest, ...variables].join('-').toLowerCase();
  return text.replaceAll(/[^\w]+/g, '-').replaceAll(/^-|-$/g, '');
}

function origin(): Pick<Result, 'date' | 'version' | 'node' | 'machine'> {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':!/bench/results', ':!/docs');
  return {
    date: new Date().toISOString().slice(0, 10),
    version: `${git('rev-parse', '--short=8', 'HEAD')}${changed === '' ? '' : '-dirty'}`,
    node: process.versions.node,
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      gigabytes: Math.round(totalmem() / 2 ** 30),
    },
  };
}

/** A result as its file has it: JSON with each row of a table on one line. */
export function resultText(result: Result): string {
  const flat = (list: string) => list.replaceAll(/\n\s+/g, ' ').replaceAll(/^\[ | \]$/g, (end) => end.trim());
  return `${JSON.stringify(result, null, 2).replaceAll(/\[\n\s+(?:"(?:[^"\\]|\\.)*"|[-\d.e]+|,\s+)+\n\s+\]/g, flat)}\n`;
}

/** Texts of all results by name of the file without `.json`, in the order of their numbers. */
export function resultTexts(): ReadonlyMap<string, string> {
  const files = readdirSync(resultsFolder).sort(new Intl.Collator('en', { numeric: true }).compare);
  return new Map(files.map((file) => [file.replace(/\.json$/, ''), readFileSync(join(resultsFolder, file), 'utf8')]));
}
