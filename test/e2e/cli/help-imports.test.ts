import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { program } from '../pipeline/small-bank.ts';

/** Scripts that Node loads by its command line, as V8 counts them. */
function loaded(...argv: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-help-'));
  try {
    execFileSync(process.execPath, argv, { env: { ...process.env, NODE_V8_COVERAGE: folder } });
    const reports = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
    return reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each(['--help', '--version'])('%s loads the command line and nothing of the work behind it', (option) => {
  const own = loaded(program, option).flatMap((url) => /\/packages\/(.+)$/.exec(url)?.[1] ?? []);
  expect(own).toContain('cli/dist/main.js');
  expect(own.filter((path) => !path.startsWith('cli/')).sort()).toEqual([
    'core/dist/error.js',
    'core/dist/plain-text.js',
    'pipeline/dist/run/exit-codes.js',
  ]);
});

test('the job is loaded without libraries that few runs or late stages need', () => {
  const pipeline = import.meta.resolve('@basketwise/pipeline');
  const all = loaded('--input-type=module', '-e', `await import(${JSON.stringify(pipeline)})`);
  expect(all).toContain(pipeline);
  expect(all.filter((url) => /node_modules\/(@observablehq\/plot|linkedom|apache-arrow)\//.test(url))).toEqual([]);
});
