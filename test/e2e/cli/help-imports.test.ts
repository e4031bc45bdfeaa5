import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { program, smallBank, writeBank } from '../pipeline/small-bank.ts';

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

test.each(['--help', '--version'])('%s loads the command line and nothing of the work behind it', (option) => {
  const own = loaded(program, option).flatMap((url) => /\/packages\/(.+)$/.exec(url)?.[1] ?? []);
  expect(own).toContain('cli/dist/main.js');
  expect(own.filter((path) => !path.startsWith('cli/')).sort()).toEqual([
    'core/dist/error.js',
    'core/dist/plain-text.js',
    'pipeline/dist/run/exit-codes.js',
  ]);
});

test.each([
  ['runs', 0],
  ['report', 66],
  ['explain', 66, '0001'],
  ['completion', 0, 'bash'],
  ['man', 0],
] as [string, number, ...string[]][])(
  '%s of a folder without a run loads no engine and nothing of the job',
  async (command, exitCode, ...args) => {
    const { folder, remove } = await writeBank(smallBank());
    onTestFinished(remove);
    const { urls, status } = run([program, command, ...args], folder);
    expect(status).toBe(exitCode);
    expect(urls.filter((url) => url.includes('/node_modules/')).map((url) => /.*node_modules\/([^/]+)/.exec(url)![1])).toEqual(
      expect.not.arrayContaining(['@duckdb', 'hive-driver', 'thrift', 'pg', 'hyparquet', 'apache-arrow', 'pino', 'listr2']),
    );
    const rooms = new Set(urls.flatMap((url) => /\/packages\/(\w+\/dist\/\w+)\//.exec(url)?.[1] ?? []));
    for (const room of ['stages', 'campaigns']) expect(rooms).not.toContain(`pipeline/dist/${room}`);
    for (const room of ['evaluation', 'explain']) expect(rooms).not.toContain(`insight/dist/${room}`);
    for (const room of ['wasm', 'baskets', 'models', 'als', 'next-purchase']) expect(rooms).not.toContain(`core/dist/${room}`);
  },
);

test.each(['pipeline', 'insight'])('%s is loaded without libraries that few runs or late stages need', (name) => {
  const module = import.meta.resolve(`@basketwise/${name}`);
  const all = loaded('--input-type=module', '-e', `await import(${JSON.stringify(module)})`);
  expect(all).toContain(module);
  expect(all.filter((url) => /node_modules\/(@observablehq\/plot|linkedom|apache-arrow)\//.test(url))).toEqual([]);
});

test('the job is loaded without what looks at banks and finished runs, and without engines', () => {
  const all = loaded('--input-type=module', '-e', `await import(${JSON.stringify(import.meta.resolve('@basketwise/pipeline'))})`);
  expect(all.filter((url) => /\/packages\/(insight|hive|postgres)\//.test(url))).toEqual([]);
});
