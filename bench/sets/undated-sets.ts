import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataSet, loadDataSet } from './real-sets.ts';

const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');
const realNames = ['coil2000', 'berka core', 'msweb', 'groceries', 'epub', 'online_retail', 'completejourney'];

/**
 * Calls `work` for each set without dates, with an empty folder that is removed afterwards. Sets whose data is absent are skipped
 * by name.
 * @param given names of sets; empty: all
 * @param drawn sets that are no real ones
 */
export async function eachUndatedSet(
  given: readonly string[],
  work: (name: string, set: DataSet, folder: string) => Promise<void>,
  drawn: readonly DataSet[] = [],
): Promise<void> {
  const names = [...drawn.map(({ name }) => name), ...realNames];
  for (const name of given.length > 0 ? given : names) {
    const set = drawn.find((one) => one.name === name) ?? (await loadDataSet(name));
    if (set === undefined) {
      console.error(`${name}: skipped, its data is absent`);
      continue;
    }
    const folder = await mkdtemp(join(tmpdir(), 'basketwise-set-'));
    try {
      await work(name, set, folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

/** Runs a command of the built program on the config of a folder. @throws Error with its messages if it fails */
export function runOn(folder: string, command: 'run' | 'evaluate'): void {
  const file = join(folder, 'basketwise.yaml');
  const { status, stderr } = spawnSync(process.execPath, [program, command, '-c', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
}
