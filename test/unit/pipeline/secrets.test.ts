import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { AppError } from '@basketwise/core';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { smallBank, writeBank } from '../../e2e/pipeline/small-bank.ts';
import { problemsOf } from './config-problems.ts';

const password = 'Pa55word';
const url = `postgres://bank:${password}@db.example/bank`;

/** Keys of the config that name an environment variable, each with a config that gives it a value. */
const variables: [string, (value: string) => string][] = [
  ['source.hive.password_env', (value) => `source: { engine: hive, hive: { host: h, password_env: ${value} } }`],
  ['source.spark.password_env', (value) => `source: { engine: spark, spark: { host: h, password_env: ${value} } }`],
  ['source.postgres.url_env', (value) => `source: { engine: postgres, postgres: { url_env: ${value} } }`],
  ['output.postgres.url_env', (value) => `output: { postgres: { url_env: ${value} } }`],
];
const bank = smallBank()
  .config.replace(/^source: .*\n/m, '')
  .replace(/^output: .*\n/m, '');

describe.each(variables)('%s', (key, more) => {
  test.each([url, `"${url}"`, `${password}!`, `!${password}`, `*${password}`, `"${password} "x`])(
    'that is no name of a variable is refused, and not repeated (%#)',
    (value) => {
      const said = problemsOf(`${bank}${more(value)}\n`);
      expect(said).not.toContain(password);
      expect(said).toContain('basketwise.yaml:');
    },
  );

  test('says what is expected', () => {
    expect(problemsOf(`${bank}${more(`"${url}"`)}\n`)).toContain(`${key}: expected the name of an environment variable`);
  });
});

test.each([
  ['host', `"${url}"`],
  ['hosts', `["${url}"]`],
  ['zookeeper', `{ quorum: ["${url}"] }`],
  ['connect_timeout', `"${url}"`],
])('a URL in place of source.hive.%s is refused, and not repeated', (key, value) => {
  const said = problemsOf(`${bank}source: { engine: hive, hive: { ${key === 'host' ? '' : 'host: h, '}${key}: ${value} } }\n`);
  expect(said).toContain(`source.hive.${key}`);
  expect(said).not.toContain(password);
});

test('a variable that is not set is not repeated either: it may be the password itself', async () => {
  const { folder, remove } = await writeBank({
    ...smallBank(),
    config: `${bank}source: { path: . }\noutput: { postgres: { url_env: ${password} } }\n`,
  });
  try {
    const failure = await runJob(await loadConfig(join(folder, 'basketwise.yaml'))).catch((error) => error);
    expect(failure).toMatchObject({ code: 'not-permitted', message: expect.stringContaining('output.postgres.url_env') });
    expect(failure.message + failure.hint).not.toContain(password);
  } finally {
    await remove();
  }
});

test('no error has the user and password of a URL', () => {
  const { message, hint } = new AppError('unreachable', `cannot reach ${url}`, `Look at ${url}, or at http://a/b.`);
  expect(message).toBe('cannot reach postgres://[redacted]@db.example/bank');
  expect(hint).toBe('Look at postgres://[redacted]@db.example/bank, or at http://a/b.');
});

test.each([
  [['init', '--postgres', url]],
  [['init', '--postgres', `${password}!`]],
  [['init', '--postgres', url, '--user', 'me']],
  [['init', '--hive', url]],
  [['init', '--hive', `hive:${password}@h`]],
  [['init', '--spark', `${password}@h`]],
  [['init', '--hive', 'h', '--password-env', `${password}!`]],
  [['init', url]],
  [['init', `--postgress=${url}`]],
  [['init', `--password=${password}`]],
  [['run', '--config', 'none.yaml', `--pass=it's ${password}`]],
  [['sample', '--customers', password]],
  [[url]],
])('the command line %j is refused, and its secret is not repeated', async (args) => {
  const { runCommand } = await import('../../../packages/cli/dist/run-command.js');
  const cwd = mkdtempSync(join(tmpdir(), 'basketwise-secrets-'));
  let said = '';
  const write = (chunk: Buffer, _: string, done: () => void) => {
    said += chunk;
    done();
  };
  const stream = () => new Writable({ write });
  try {
    expect(await runCommand(args, { stdout: stream(), stderr: stream(), cwd })).toBe(64);
    expect(said).not.toContain(password);
    expect(readdirSync(cwd)).toEqual([]);
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
