import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and its parents, one after the other. Node's own function loops forever if the kernel refuses a folder whose
 * parent exists, as it does below /proc.
 * @returns the topmost folder that was made; undefined if all existed
 */
export async function makePath(path: string, mode = 0o700): Promise<string | undefined> {
  const whole = resolve(path);
  const missing = await makeOne(whole, mode);
  if (typeof missing === 'boolean') return missing ? whole : undefined;
  if (dirname(whole) === whole) throw missing;
  const first = await makePath(dirname(whole), mode);
  const still = await makeOne(whole, mode);
  if (typeof still !== 'boolean') throw still;
  return first ?? whole;
}

/** Makes one folder. @returns true if it was made, false if it existed, the error if its parent does not exist */
async function makeOne(path: string, mode: number): Promise<boolean | NodeJS.ErrnoException> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return cause as NodeJS.ErrnoException;
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) throw cause;
    return false;
  }
}
