import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ifThere, makeFolder, writeFailure } from '@basketwise/data/base';
import { atExit, markText, parseMark, silence, startBeating, stateOfProcess, thisProcess } from './process-mark.ts';

/** Temporary folder of a command, for the spill files of engines and other files. */
export interface Spill {
  path: string;
  /** Removes the folder. @throws AppError cannot-write */
  close(): Promise<void>;
}

const spillPrefix = '.spill-';
/** File in the folder whose modification time shows that the process is alive. */
const pulse = 'owner';
/**
 * Milliseconds without a sign of life after which a folder is removed, if the state of its process cannot be checked. It is a
 * day, because a process may be suspended.
 */
const spillSilence = 86_400_000;

/**
 * Makes a temporary folder with a unique name in `output`, and removes those of dead processes there and among its archives.
 * @param others further folders with archives, from which such folders are removed
 * @throws AppError cannot-write
 */
export async function openSpill(output: string, others: readonly string[] = []): Promise<Spill> {
  const mark = await thisProcess();
  // The path is absolute, because relative paths in a config start at the config's folder.
  const path = resolve(output, `${spillPrefix}${markText(mark)}.${randomBytes(4).toString('hex')}`);
  let handle: FileHandle | undefined;
  const closed = atExit(() => rmSync(path, { recursive: true, force: true }));
  try {
    await makeFolder(path);
    handle = await open(join(path, pulse), 'wx', 0o600);
    await handle.writeFile(JSON.stringify(mark));
    for (const folder of [output, join(output, 'archives'), ...others]) await removeLeftovers(folder, join(path, pulse));
  } catch (cause) {
    await handle?.close().catch(() => {});
    await rm(path, { recursive: true, force: true }).catch(() => {});
    closed();
    throw writeFailure(path, cause);
  }
  const opened = handle;
  const stop = startBeating(opened, JSON.stringify(mark));
  return {
    path,
    async close() {
      stop();
      await opened.close();
      await rm(path, { recursive: true, force: true }).catch((cause) => {
        throw writeFailure(path, cause);
      });
      closed();
    },
  };
}

async function removeLeftovers(folder: string, fresh: string): Promise<void> {
  const names = (await ifThere(folder, readdir(folder))) ?? [];
  for (const name of names.filter((entry) => entry.startsWith(spillPrefix))) {
    const mark = parseMark(name.slice(spillPrefix.length));
    const path = join(folder, name);
    if (mark === undefined || fresh.startsWith(`${path}/`)) continue;
    const fate = await stateOfProcess(mark);
    const isGone = fate === 'gone' || (fate === 'unknown' && (await silenceOf(path, fresh)) > spillSilence);
    if (isGone) await rm(path, { recursive: true, force: true });
  }
}

/** Milliseconds since the last sign of life of a folder's process; 0 if unknown. */
async function silenceOf(folder: string, fresh: string): Promise<number> {
  const file = join(folder, pulse);
  const isThere = await stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  return silence(isThere ? file : folder, fresh).catch(() => 0);
}
