import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@basketwise/core/base';

const hashes = new Map<string, Promise<string>>();

/**
 * sha256 over the source files of a program, computed once per process. It covers the given packages, and the Basketwise packages
 * that they depend on.
 * @param module URL of a module of one package
 * @param engines names of engine packages to include
 * @throws AppError config if an engine package is not installed
 */
export function codeHash(module: string, engines: readonly string[] = []): Promise<string> {
  const folders = [fileURLToPath(module), ...engines.map(findPackage)].map(modulesAround);
  const key = folders.join('\0');
  const hash = hashes.get(key) ?? hashCode(folders);
  hashes.set(key, hash);
  return hash;
}

async function hashCode(folders: readonly string[]): Promise<string> {
  const packages = new Map<string, string>();
  for (const folder of folders) addPackage(packages, folder);
  const digests = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, modules]) => hashModules(name, modules));
  return sha256((await Promise.all(digests)).join('\n'));
}

/**
 * Adds a package, and the Basketwise packages that it depends on.
 * @param packages maps the name of each package to the folder of its modules
 */
function addPackage(packages: Map<string, string>, folder: string): void {
  const file = join(folder, '..', 'package.json');
  const { name, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; dependencies?: object };
  packages.set(name, folder);
  const { resolve } = createRequire(file);
  for (const other of Object.keys(dependencies)) {
    if (other.startsWith('@basketwise/') && !packages.has(other)) addPackage(packages, modulesAround(resolve(other)));
  }
}

/** Folder below a package's root that contains a module: the compiled modules, or the sources. */
function modulesAround(file: string): string {
  let folder = dirname(file);
  while (!existsSync(join(folder, '..', 'package.json'))) folder = dirname(folder);
  return folder;
}

async function hashModules(name: string, folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /(?<![.]d)[.][jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  // Reads each file in one call: for hundreds of small files, streams take ten times as long.
  return sha256(
    [name, ...files.map((file) => `${relative(folder, file).split(sep).join('/')} ${sha256(readFileSync(file))}`)].join('\0'),
  );
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Path of the main module of an engine's package. @throws AppError config if the package is not installed */
export function findPackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new AppError(
      'config',
      `the config names an engine whose package ${name} is not installed`,
      `Install it beside Basketwise: npm install ${name}@${packageVersion()}`,
      { cause },
    );
  }
}

export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
