import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { basketwise, program, smallBank, testBank } from '../pipeline/small-bank.ts';

/** Scripts that Node loads by its command line, as V8 counts them, and its exit code. */
function run(argv: readonly string[], cwd = process.cwd()) {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-help-'));
  try {
    const { status } = spawnSync(process.execPath, argv, { cwd, env: { ...process.env, NODE_V8_COVERAGE: folder } });
    const reports = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
    const urls: string[] = reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url));
    return { urls, status };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const loaded = (...argv: string[]) => run(argv).urls;

const ownOf = (urls: readonly string[]) => urls.flatMap((url) => /\/packages\/(.+)$/.exec(url)?.[1] ?? []);
const librariesOf = (urls: readonly string[]) => [
  ...new Set(urls.flatMap((url) => /.*node_modules\/([^/]+)/.exec(url)?.[1] ?? [])),
];

test('--help loads the command line and nothing of the work behind it', () => {
  const urls = loaded(program, '--help');
  const own = ownOf(urls);
  expect(own).toContain('cli/dist/main.js');
  expect(own.filter((path) => !path.startsWith('cli/')).sort()).toEqual([
    'core/dist/base.js',
    'core/dist/error.js',
    'core/dist/plain-text.js',
  ]);
  expect(librariesOf(urls)).toEqual(['commander']);
});

/** Rooms of Basketwise that a command loads, without the command line's own. */
const roomsOf = (own: readonly string[]) =>
  [...new Set(own.filter((path) => !path.startsWith('cli/')).map((path) => path.replace(/\/[^/]+$/, '')))].sort();

/** Checks the modules of a command that reads only finished runs: neither zod nor the schema of the config. */
function expectFewModules(urls: readonly string[]) {
  expect(librariesOf(urls).sort()).toEqual(['commander', 'yaml']);
  const own = ownOf(urls);
  expect(roomsOf(own)).toEqual([
    ...['core/dist', 'data/dist', 'data/dist/files', 'data/dist/published', 'page/dist'],
    ...['pipeline/dist', 'pipeline/dist/config', 'pipeline/dist/report', 'pipeline/dist/run'],
  ]);
  expect(own.filter((path) => path.includes('/config/')).sort()).toEqual([
    'pipeline/dist/config/config-text.js',
    'pipeline/dist/config/open-config.js',
  ]);
}
test('runs and report of a finished run, and explain of a folder without one, load neither the schema of the config nor an engine', async () => {
  const { folder } = await testBank(smallBank());
  const expectFew = (exitCode: number, ...args: string[]) => {
    const { urls, status } = run([program, ...args], folder);
    expect(status).toBe(exitCode);
    expectFewModules(urls);
  };
  expectFew(66, 'explain', '0001');
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  expectFew(0, 'runs');
  expectFew(0, 'report');
});

/** Modules that are loaded with packages. */
const loadedWith = (...names: string[]) => {
  const modules = names.map((name) => import.meta.resolve(`@basketwise/${name}`));
  const all = loaded('--input-type=module', '-e', modules.map((module) => `await import(${JSON.stringify(module)});`).join(''));
  expect(all).toEqual(expect.arrayContaining(modules));
  return all;
};

test('packages are loaded without libraries that few runs or late stages need, the job without what looks at banks, and without engines', () => {
  const all = loadedWith('pipeline', 'insight', 'audit');
  expect(all.filter((url) => /node_modules\/(@observablehq\/plot|linkedom|apache-arrow)\//.test(url))).toEqual([]);
  expect(loadedWith('pipeline').filter((url) => /\/packages\/(insight|audit|hive|postgres)\//.test(url))).toEqual([]);
});
