// First tier, 8 s: a copy of the built program, and the program three times.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { longTest, some } from '../../cases.ts';
import { copyProgram } from '../pipeline/other-program.ts';
import { basketwise as basketwiseHere, smallBank, writeBank } from '../pipeline/small-bank.ts';

/** The packages of engines, and those that only they need. */
const absent = [
  ...['@basketwise/hive', 'hive-driver', 'thrift', 'node-zookeeper-client'],
  ...['@basketwise/postgres', 'pg', 'pg-copy-streams', 'pg-cursor'],
];
const servers = {
  hive: { package: '@basketwise/hive', source: 'hive: { host: h }', output: 'hive: { table: t }' },
  spark: { package: '@basketwise/hive', source: 'spark: { host: h }', output: 'spark: { table: t }' },
  postgres: {
    package: '@basketwise/postgres',
    source: 'postgres: { url_env: BANK_URL }',
    output: 'postgres: { url_env: BANK_URL }',
  },
};
const bank = smallBank();
let copy: Awaited<ReturnType<typeof copyProgram>>;
let place: Awaited<ReturnType<typeof writeBank>>;
beforeAll(async () => {
  copy = await copyProgram();
  for (const name of absent) await rm(join(dirname(copy.packages), name), { recursive: true });
});
afterAll(() => copy.remove());
beforeEach(async () => {
  place = await writeBank(bank);
  return place.remove;
});

/** Runs commands in one process of the program without the packages of engines, each with each text of a config. */
function refusals(texts: readonly string[], commands: readonly string[]): { exitCode: number; text: string }[] {
  const script = `
    import { writeFileSync } from 'node:fs';
    import { Writable } from 'node:stream';
    import { runCommand } from ${JSON.stringify(pathToFileURL(join(copy.packages, 'cli/dist/run-command.js')).href)};
    const ended = [];
    for (const config of ${JSON.stringify(texts)}) {
      writeFileSync('basketwise.yaml', config);
      for (const command of ${JSON.stringify(commands)}) {
        let text = '';
        const stream = new Writable({ write: (chunk, _, done) => { text += chunk; done(); } });
        const exitCode = await runCommand([command], { stdout: stream, stderr: stream, cwd: process.cwd() });
        ended.push({ exitCode, text: text.replaceAll(/\\s+/g, ' ') });
      }
    }
    console.log(JSON.stringify(ended));`;
  const options = { cwd: place.folder, encoding: 'utf8' } as const;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], options));
}

/** Runs the program without the packages of engines. */
function basketwise(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [copy.program, ...args], {
    cwd: place.folder,
    encoding: 'utf8',
  });
  return { exitCode: status, text: `${stdout}${stderr}`.replaceAll(/\s+/g, ' ') };
}

longTest('a bank of files needs no package of an engine', () => {
  expect(basketwise('run')).toMatchObject({ exitCode: 0 });
  expect(basketwise('doctor')).toMatchObject({ exitCode: 0 });
});

test.each(some(Object.entries(servers), 1))('%s without its package is refused before a run does anything', (engine, server) => {
  const config = bank.config.replace('source: { path: . }', `source: { path: ., ${server.source} }`);
  const source = config.replace('path: .', `engine: ${engine}`);
  const target = config.replace('output: { ', `output: { ${server.output}, `);
  const ended = refusals([source, target], ['run', 'doctor']);
  expect(ended).toHaveLength(4);
  for (const { exitCode, text: said } of ended) {
    expect(said).toContain(`the config names an engine whose package ${server.package} is not installed`);
    expect(said).toContain(`npm install ${server.package}@`);
    expect(exitCode).toBe(78);
  }
  expect(existsSync(join(place.folder, 'out', 'runs'))).toBe(false);
});

test.each([
  ['postgres', '', 'postgres: { url_env: NO_SUCH_URL }', 'output.postgres.url_env'],
  ['hive', ', hive: { host: h, password_env: NO_SUCH_PASSWORD }', 'hive: { table: t }', 'source.hive.password_env'],
  ['spark', ', spark: { host: h, password_env: NO_SUCH_PASSWORD }', 'spark: { table: t }', 'source.spark.password_env'],
])('%s as a target without its address or password is refused before a run does anything', async (_, source, output, key) => {
  const config = bank.config.replace('path: .', `path: .${source}`).replace('output: { ', `output: { ${output}, `);
  await writeFile(join(place.folder, 'basketwise.yaml'), config);
  const { exitCode, stderr } = await basketwiseHere(place.folder, 'run');
  expect(stderr).toContain(`${key}: the environment variable that it names is not set`);
  expect(exitCode).toBe(77);
  expect(existsSync(join(place.folder, 'out', 'runs'))).toBe(false);
});
