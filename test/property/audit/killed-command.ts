import { cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { required } from '@basketwise/core';

type Call = (...args: never[]) => unknown;

const changing = ['rename', 'symlink', 'rm', 'writeFile', 'link'] as const;

/** Prototype of file handles, which node does not export. */
async function handles(): Promise<Record<string, Call>> {
  const path = join(tmpdir(), `basketwise-handle-${process.pid}`);
  const handle = await fs.open(path, 'w');
  try {
    return Object.getPrototypeOf(handle) as Record<string, Call>;
  } finally {
    await handle.close();
    await fs.rm(path);
  }
}

/**
 * Runs a command as if `kill -9` met it before its `at`-th change of files: all that it does from then on is undone, and its lock is that of
 * a dead process. A write to an open file leaves half of its bytes.
 * @returns whether it was killed: false if it made fewer changes
 */
export async function killedAt(folder: string, at: number, command: () => Promise<unknown>): Promise<boolean> {
  const twin = `${folder}.killed`;
  const handle = await handles();
  const promises = fs as unknown as Record<string, Call>;
  const originals = new Map(changing.map((name) => [name, promises[name]!]));
  const writeHalf = handle.writeFile!;
  let count = 0;
  const isDue = () => ++count === at;
  const kill = () => cpSync(folder, twin, { recursive: true, verbatimSymlinks: true });
  for (const name of changing) {
    promises[name] = ((...args: never[]) => {
      if (isDue()) kill();
      return required(originals, name)(...args);
    }) as Call;
  }
  handle.writeFile = async function (this: fs.FileHandle, ...[data, ...rest]: never[]) {
    if (!isDue()) return writeHalf.call(this, ...([data, ...rest] as never[]));
    const bytes = Buffer.from(data as unknown as string);
    await writeHalf.call(this, ...([bytes.subarray(0, bytes.length / 2)] as never[]));
    kill();
    return writeHalf.call(this, ...([bytes.subarray(bytes.length / 2)] as never[]));
  };
  syncBuiltinESMExports();
  try {
    await command().catch(() => {});
  } finally {
    for (const name of changing) promises[name] = required(originals, name);
    handle.writeFile = writeHalf;
    syncBuiltinESMExports();
  }
  if (!existsSync(twin)) return false;
  rmSync(folder, { recursive: true });
  renameSync(twin, folder);
  for (const name of readdirSync(join(folder, 'out'))) if (name.startsWith('.lock')) rmSync(join(folder, 'out', name));
  return true;
}
