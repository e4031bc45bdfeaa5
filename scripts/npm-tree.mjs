// The tree of packages in a folder with a package-lock.json.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs npm in a folder, with its messages on stderr so that stdout stays data. */
export function npm(folder, ...args) {
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
}

/** Whether the installed tree of a folder matches its package-lock.json; entries that `isNeedless` accepts may be missing. */
export function isInstalled(folder, isNeedless = (_entry) => false) {
  const marker = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(marker)) return false;
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(marker, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      path.startsWith('packages/') ||
      entry.optional ||
      entry.devOptional ||
      isNeedless(entry) ||
      (found[path] !== undefined && found[path].version === entry.version),
  );
}
