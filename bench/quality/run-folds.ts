import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { required } from '@basketwise/core';
import type { DataSet } from './data-set.ts';
import { partsOf } from './family.ts';
import { type Column, columns, type FoldRow } from './fold-rows.ts';

/** A row of a set's table: a model over all folds. */
export interface Row {
  name: string;
  /** By column, one value per test customer of all folds. */
  perCustomer: Record<Column, number[]>;
  /** The choice made in each fold. */
  chosen: FoldRow['chosen'][];
}

interface Task {
  set: DataSet;
  fold: number;
  /** Which of `partsOf`. */
  part: number;
}

/** How folds are run: how many processes at once, and where finished parts are kept (and taken from again), if anywhere. */
export interface Runs {
  processes: number;
  keep?: string | undefined;
}

const program = fileURLToPath(new URL('fold-process.ts', import.meta.url));

/** Work of a set's fold, roughly: big ones are started first, so that no processor is idle at the end. */
const work = ({ set }: Task) => set.sets.reduce((sum, held) => sum + held.length, 0) * set.items.length;

/** Runs all folds of the sets, each part in a process of its own with one kernel thread; the result does not depend on how many run at once. */
export async function runFolds(sets: readonly DataSet[], runs: Runs): Promise<Map<string, Row[]>> {
  const tasks = sets.flatMap((set) => set.folds.flatMap((fold) => partsOf(set).map((_, part): Task => ({ set, fold, part }))));
  const queue = [...tasks].sort((a, b) => work(b) - work(a));
  const results = new Map<Task, FoldRow[]>();
  const next = async (): Promise<void> => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) results.set(task, await runPart(task, runs));
  };
  await Promise.all(Array.from({ length: runs.processes }, next));
  const rowsOf = (set: DataSet, fold: number) =>
    tasks.filter((task) => task.set === set && task.fold === fold).flatMap((task) => required(results, task));
  return new Map(sets.map((set) => [set.name, merge(set.folds.map((fold) => rowsOf(set, fold)))]));
}

async function runPart({ set, fold, part }: Task, { keep }: Runs): Promise<FoldRow[]> {
  const path = keep === undefined ? undefined : `${keep}/${set.name.replaceAll(' ', '-')}-${fold}-${part}.json`;
  if (path !== undefined && existsSync(path)) {
    console.error(`${set.name}, fold ${fold}, part ${part}: taken from ${path}`);
    return JSON.parse(readFileSync(path, 'utf8')) as FoldRow[];
  }
  const child = spawn(process.execPath, ['--import', 'tsx', program, set.name, String(fold), String(part)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${set.name}, fold ${fold}, part ${part}: its process ended with ${code}`);
  if (path !== undefined) {
    mkdirSync(keep!, { recursive: true });
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
  }
  return JSON.parse(text) as FoldRow[];
}

/** Rows over all folds, in the order of the folds. */
function merge(folds: readonly FoldRow[][]): Row[] {
  return folds[0]!.map(({ name }) => {
    const parts = folds.map((rows) => rows.find((row) => row.name === name)!);
    const perCustomer = columns.map((column) => [column, parts.flatMap((part) => part.perCustomer[column])]);
    return { name, perCustomer: Object.fromEntries(perCustomer) as Row['perCustomer'], chosen: parts.map((part) => part.chosen) };
  });
}
