import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '@basketwise/core/base';
import { afterEach, expect, test, vi } from 'vitest';
import { dayOfText } from '../../packages/cli/src/command.ts';
import { temporaryFolder } from './data/bank.ts';

const page = (name: string) => readFileSync(fileURLToPath(new URL(`../../docs/${name}.md`, import.meta.url)), 'utf8');
const [operations, integrations] = [page('operations'), page('integrations')];
const codes: readonly number[] = [...new Set(Object.values(exitCodes))].sort((a, b) => a - b);
/** Exit codes that documents tell schedulers to retry. */
const retried = [69, 73];
/** Codes of signals: a stopped run resumes in the next one. */
const stopped = (code: number) => code > 128;

const numbersAfter = (text: string, key: RegExp) => (key.exec(text)?.[1] ?? '').split(/[ ,]+/).filter(Boolean).map(Number);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

test.each([
  ['systemd', operations, /^ {4}ExecStart=.*basketwise run --reference-date (\S+)/m],
  ['cron', operations, /^ {4}30 2 \* \* \* .*basketwise run --reference-date (\S+)/m],
  ['Kubernetes', integrations, /args: \[run, --json, --reference-date, (\w+)/],
])('%s: over thirty nights at 2:30, with a change to summer time, the date is that of the day before', (_, text, command) => {
  const given = command.exec(text)?.[1] ?? 'none';
  vi.stubEnv('TZ', 'Europe/Berlin');
  vi.useFakeTimers({ toFake: ['Date'] });
  const dates = Array.from({ length: 30 }, (_, night) => {
    vi.setSystemTime(new Date(2024, 2, 15 + night, 2, 30));
    return dayOfText(given);
  });
  const expected = Array.from({ length: 30 }, (_, night) => new Date(Date.UTC(2024, 2, 14 + night)).toISOString().slice(0, 10));
  expect(dates).toEqual(expected);
});

test('systemd restarts the unit for the codes to retry alone', () => {
  // systemd 252 refuses a oneshot unit with RestartForceExitStatus.
  expect(operations).toMatch(/^ {4}Type=simple$/m);
  // a run that is stopped has not failed
  expect(numbersAfter(operations, /^ {4}SuccessExitStatus=(.*)$/m)).toEqual([143]);
  expect(numbersAfter(operations, /^ {4}RestartForceExitStatus=(.*)$/m)).toEqual(retried);
  const prevented = numbersAfter(operations, /^ {4}RestartPreventExitStatus=(.*)$/m);
  expect(codes.filter((code) => !stopped(code) && !prevented.includes(code))).toEqual(retried);
});

test('Kubernetes fails the job for all codes except those to retry', () => {
  const failing = numbersAfter(integrations, /FailJob, onExitCodes: \{ operator: In, values: \[([\d, ]+)\]/);
  expect(codes.filter((code) => !stopped(code) && !failing.includes(code))).toEqual(retried);
});

/** A scheduler of the page's task: `nights` days, each with the exit codes of its attempts in order. */
const airflow = `
import json, os, subprocess, sys, types
class AirflowException(Exception): pass
class AirflowFailException(AirflowException): pass
class AirflowSkipException(AirflowException): pass
def task(retries):
    def decorate(run):
        run.retries = retries
        return run
    return decorate
sdk, exceptions = types.ModuleType("airflow.sdk"), types.ModuleType("airflow.sdk.exceptions")
sdk.task = task
for one in (AirflowException, AirflowFailException, AirflowSkipException): setattr(exceptions, one.__name__, one)
sys.modules.update({"airflow": types.ModuleType("airflow"), "airflow.sdk": sdk, "airflow.sdk.exceptions": exceptions})
names = {}
exec(compile(open(sys.argv[1]).read(), "snippet", "exec"), names)
run, log = names["basketwise"], []
def night(ds, codes):
    for attempt in range(run.retries + 1):
        os.environ["CODE"] = str(codes[min(attempt, len(codes) - 1)])
        try:
            run(ds=ds)
            return [attempt + 1, "done"]
        except AirflowFailException: return [attempt + 1, "failed"]
        except AirflowSkipException: return [attempt + 1, "skipped"]
        except AirflowException: pass
    return [run.retries + 1, "failed"]
print(json.dumps([night(ds, codes) for ds, codes in json.load(sys.stdin)]))
`;
const hasPython = spawnSync('python3', ['--version']).status === 0;

test.skipIf(!hasPython)(`Airflow retries the codes to retry alone${hasPython ? '' : ' (skipped: no python3)'}`, async () => {
  const folder = await temporaryFolder();
  const snippet = /## Airflow\n\n((?: {4}.*\n|\n)+)/.exec(integrations)![1]!.replaceAll(/^ {4}/gm, '');
  writeFileSync(join(folder, 'task.py'), snippet);
  writeFileSync(join(folder, 'airflow.py'), airflow);
  const command = `#!/bin/sh\necho "$@" >> "${folder}/calls"\necho '{"error":{"message":"why"}}'\nexit $CODE\n`;
  writeFileSync(join(folder, 'basketwise'), command);
  chmodSync(join(folder, 'basketwise'), 0o700);
  const day = (night: number) => new Date(Date.UTC(2024, 1, 15 + night)).toISOString().slice(0, 10);
  const failing = codes.filter((code) => !stopped(code));
  const nights = Array.from(
    { length: 30 },
    (_, night) => [day(night), night < failing.length ? [failing[night], 0] : [0]] as const,
  );
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const args = [join(folder, 'airflow.py'), join(folder, 'task.py')];
  const { stdout, stderr } = spawnSync('python3', args, { input: JSON.stringify(nights), env, encoding: 'utf8' });
  expect(stderr).toBe('');
  const wanted = nights.map(([, [code]]) => (code === 0 ? [1, 'done'] : retried.includes(code!) ? [2, 'done'] : [1, 'failed']));
  expect(JSON.parse(stdout)).toEqual(wanted);
  const dates = readFileSync(join(folder, 'calls'), 'utf8').matchAll(/--reference-date (\S+)/g);
  expect([...new Set([...dates].map(([, date]) => date))]).toEqual(nights.map(([date]) => date));
});
