import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { program } from '../pipeline/small-bank.ts';

/** Own scripts that a command loads, as V8 counts them. */
function loaded(...argv: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-help-'));
  try {
    execFileSync(process.execPath, [program, ...argv], { env: { ...process.env, NODE_V8_COVERAGE: folder } });
    const reports = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
    return reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each(['--help', '--version'])('%s loads the command line and nothing of the work behind it', (option) => {
  const own = loaded(option).flatMap((url) => /\/packages\/(.+)$/.exec(url)?.[1] ?? []);
  expect(own).toContain('cli/dist/main.js');
  expect(own.filter((path) => !path.startsWith('cli/')).sort()).toEqual([
    'core/dist/error.js',
    'core/dist/plain-text.js',
    'pipeline/dist/run/exit-codes.js',
  ]);
});
