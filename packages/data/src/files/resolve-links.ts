import { readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Largest number of consecutive links in a path. */
const mostLinks = 40;

/**
 * Path without symbolic links. The file need not exist: the links in the path of its folder, and links to missing files, are
 * resolved too.
 */
export async function resolveLinks(path: string, links = mostLinks): Promise<string> {
  const whole = resolve(path);
  const there = await realpath(whole).catch(() => undefined);
  if (there !== undefined || dirname(whole) === whole) return there ?? whole;
  const folder = await resolveLinks(dirname(whole), links);
  const target = await readlink(whole).catch(() => undefined);
  return target === undefined || links === 0 ? join(folder, basename(whole)) : resolveLinks(resolve(folder, target), links - 1);
}
