import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import parsePrometheus from 'parse-prometheus-text-format';
import { beforeEach, describe, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { basketwise, smallBank, testBank } from '../pipeline/small-bank.ts';

const bank = smallBank(300);
const exports =
  'output: { results: exports/results.json, metrics: exports/basketwise.prom, lineage: { file: exports/lineage.jsonl, namespace: bank }, ';
const config = bank.config.replace('output: { ', exports);

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank({ ...bank, config }));
});

const read = (name: string) => readFileSync(join(folder, 'exports', name), 'utf8');
const results = () => JSON.parse(read('results.json'));
const events = () =>
  read('lineage.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Values by name and labels, as a parser of others reads them. */
function metrics(): Map<string, number> {
  const families = parsePrometheus(read('basketwise.prom'));
  return new Map(
    families.flatMap(({ name, metrics: samples }) =>
      samples.map(({ labels = {}, value }): [string, number] => [
        `${name} ${Object.values(labels).join(' ')}`.trim(),
        Number(value),
      ]),
    ),
  );
}

const validator = () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  return ajv;
};
const schema = JSON.parse(readFileSync(new URL('../../../packages/pipeline/run-results.schema.json', import.meta.url), 'utf8'));

test('results say how a run ended, whether it succeeded, failed or stopped, and fit their schema', async () => {
  const validate = validator().compile(schema);
  const fits = () => expect(validate(results()), JSON.stringify(validate.errors)).toBe(true);
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  fits();
  expect(results()).toMatchObject({ status: 'finished', exitCode: 0, error: null, referenceDate: '2022-08-31' });
  expect(results().campaigns.map(({ campaign }: { campaign: string }) => campaign)).toEqual([
    'deposit-upsell',
    'insurance-cross',
  ]);
  expect(
    results()
      .files.map(({ file }: { file: string }) => file)
      .sort(),
  ).toEqual(['recommendations.csv', 'recommendations.parquet']);
  expect((await basketwise(folder, 'run', '--reference-date', '2022-07-31', '--stage', 'segment')).exitCode).toBe(0);
  fits();
  expect(results()).toMatchObject({ status: 'stopped', exitCode: 0, campaigns: [] });
  await appendFile(join(folder, 'customers.csv'), '0001,30,N\n');
  expect((await basketwise(folder, 'run')).exitCode).toBe(65);
  fits();
  expect(results()).toMatchObject({ status: 'failed', exitCode: 65, error: { code: 'bad-data' }, campaigns: [], files: [] });
  expect(results().stages).toMatchObject([{ name: 'extract', status: 'failed' }]);
  expect(statSync(join(folder, 'exports/results.json')).mode & 0o777).toBe(0o600);
});

describe('metrics', () => {
  longTest('are what a parser of Prometheus reads, of a run that succeeded and of one that failed', async () => {
    await basketwise(folder, 'run');
    const first = metrics();
    expect(first.get('basketwise_run_success')).toBe(1);
    expect(first.get('basketwise_customers')).toBe(300);
    expect(first.get('basketwise_campaign_targets deposit-upsell')).toBeGreaterThan(0);
    expect(first.get('basketwise_stage_duration_seconds extract done')).toBeGreaterThan(0);
    expect(first.get('basketwise_last_success_timestamp_seconds')).toBe(first.get('basketwise_run_end_timestamp_seconds'));
    await rm(join(folder, 'holdings.csv'));
    await basketwise(folder, 'run');
    const second = metrics();
    expect(second.get('basketwise_run_success')).toBe(0);
    expect(second.get('basketwise_run_exit_code')).toBe(66);
    expect(second.get('basketwise_last_success_timestamp_seconds')).toBeLessThan(
      required(second, 'basketwise_run_end_timestamp_seconds'),
    );
    expect(second.get('basketwise_last_success_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000 - 600);
    expect(statSync(join(folder, 'exports/basketwise.prom')).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(folder, 'exports')).sort()).toEqual(['basketwise.prom', 'lineage.jsonl', 'results.json']);
  });

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  test.skipIf(!hasPromtool)(`pass promtool${hasPromtool ? '' : ' (skipped: there is no promtool)'}`, async () => {
    await basketwise(folder, 'run');
    execFileSync('promtool', ['check', 'metrics'], { input: read('basketwise.prom') });
  });
});

describe('lineage', () => {
  test('has a start and an end of each run, with what was read and written, column by column', async () => {
    await basketwise(folder, 'run');
    const [start, complete] = events();
    expect([start.eventType, complete.eventType]).toEqual(['START', 'COMPLETE']);
    expect(start.run.runId).toBe(complete.run.runId);
    expect(complete.job).toMatchObject({ namespace: 'bank', name: 'basketwise.run' });
    expect(complete.inputs.map(({ name }: { name: string }) => name)).toEqual(
      ['customers', 'products', 'holdings'].map((table) => join(folder, `${table}.csv`)),
    );
    expect(complete.inputs[0].inputFacets.dataQualityMetrics.rowCount).toBe(300);
    const [output] = complete.outputs;
    expect(output.name).toMatch(/latest\/recommendations\./);
    expect(output.facets.schema.fields.map(({ name }: { name: string }) => name)).toContain('product_code');
    const { fields } = output.facets.columnLineage;
    expect(fields.customer.inputFields).toMatchObject([{ name: join(folder, 'customers.csv'), field: 'id' }]);
    expect(fields.score.inputFields.map(({ field }: { field: string }) => field)).toEqual(['customer', 'product', 'opened']);
    await rm(join(folder, 'holdings.csv'));
    await appendFile(join(folder, 'exports/lineage.jsonl'), '{"torn');
    await basketwise(folder, 'run');
    const lines = read('lineage.jsonl').trimEnd().split('\n');
    expect(lines[2]).toBe('{"torn');
    const [again, failed] = lines.slice(3).map((line) => JSON.parse(line));
    expect([again.eventType, failed.eventType]).toEqual(['START', 'FAIL']);
    expect(failed.run.facets.errorMessage.message).toContain('holdings.csv');
    expect(failed.outputs).toEqual([]);
  });

  // a checkout of the specification, as its repository has it
  const spec = process.env.OPENLINEAGE_SPEC;
  test.skipIf(!spec)(
    `fits the schemas of OpenLineage${spec ? '' : ' (skipped: OPENLINEAGE_SPEC names no folder with them)'}`,
    async () => {
      await basketwise(folder, 'run');
      await rm(join(folder, 'holdings.csv'));
      await basketwise(folder, 'run');
      const ajv = validator();
      const schemas = [spec!, join(spec!, 'facets')].flatMap((at) =>
        readdirSync(at)
          .filter((name) => name.endsWith('.json'))
          .map((name) => join(at, name)),
      );
      for (const file of schemas) ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')));
      expect(events().length).toBe(4);
      for (const event of events()) {
        const check = (url: string, value: unknown) => {
          const validate = ajv.getSchema(url);
          expect(validate, url).toBeDefined();
          expect(validate!(value), `${url}: ${JSON.stringify(validate!.errors)}`).toBe(true);
        };
        check(event.schemaURL, event);
        const holders = [event.run, event.job, ...event.inputs, ...event.outputs];
        const facets = holders.flatMap(({ facets = {}, inputFacets = {}, outputFacets = {} }) => [
          facets,
          inputFacets,
          outputFacets,
        ]);
        for (const facet of facets.flatMap((one) => Object.values(one) as { _schemaURL: string }[]))
          check(facet._schemaURL, facet);
      }
    },
  );
});

test('a file that cannot be written is a warning, and the run is what it is', async () => {
  await mkdir(join(folder, 'exports'));
  await mkdir(join(folder, 'exports/basketwise.prom'));
  const { exitCode, stderr } = await basketwise(folder, 'run');
  expect(exitCode).toBe(0);
  expect(stderr).toContain('warning: the run was not exported: cannot write');
  expect(existsSync(join(folder, 'out/latest/manifest.json'))).toBe(true);
});

describe('for schedulers', () => {
  test('the last line of --json is all of it, of a run that failed, too', async () => {
    const done = await basketwise(folder, 'run', '--json');
    expect(JSON.parse(done.stdout.trimEnd().split('\n').at(-1)!).campaigns.length).toBe(2);
    await rm(join(folder, 'products.csv'));
    const failed = await basketwise(folder, 'run', '--json');
    expect(JSON.parse(failed.stdout.trimEnd().split('\n').at(-1)!).error.exitCode).toBe(66);
  });

  longTest('--skip-exit is the exit code where nothing was to be done, and of nothing else', async () => {
    expect((await basketwise(folder, 'run', '--skip-exit', '99')).exitCode).toBe(0);
    expect((await basketwise(folder, 'run', '--skip-exit', '99')).exitCode).toBe(99);
    expect((await basketwise(folder, 'run')).exitCode).toBe(0);
    expect((await basketwise(folder, 'run', '--skip-exit', 'x')).exitCode).toBe(64);
  });

  test('--select runs some campaigns beside, and latest stays', async () => {
    const whole = await basketwise(folder, 'run', '--json');
    const latest = () => JSON.parse(readFileSync(join(folder, 'out/latest/manifest.json'), 'utf8')).run;
    const before = latest();
    const one = JSON.parse((await basketwise(folder, 'run', '--json', '--select', 'campaign:dep*')).stdout);
    expect(one.campaigns.map(({ campaign }: { campaign: string }) => campaign)).toEqual(['deposit-upsell']);
    expect(one.run).not.toBe(JSON.parse(whole.stdout).run);
    expect(latest()).toBe(before);
    const listed = (run: string) =>
      readFileSync(join(folder, 'out/runs', run, 'recommendations.csv'), 'utf8')
        .split('\n')
        .filter((line) => line.includes(',deposit-upsell,'));
    // probabilities are calibrated over all campaigns together
    const without = (lines: string[]) => lines.map((line) => line.split(',').filter((_, i) => i !== 6));
    expect(without(listed(one.run))).toEqual(without(listed(before)));
    const wrong = await basketwise(folder, 'run', '--select', 'campaign:loan*');
    expect(wrong.exitCode).toBe(64);
    expect(wrong.stderr).toContain('deposit-upsell, insurance-cross');
    expect((await basketwise(folder, 'run', '--select', 'deposit*')).exitCode).toBe(64);
  });
});
