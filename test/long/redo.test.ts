import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluate, explainCustomer, recountSegments, refitClusters, similarProducts } from '@basketwise/insight';
import { latestRun, loadConfig, rollback, runJob } from '@basketwise/pipeline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { longTest } from '../cases.ts';
import { smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';

const clusters = 'clusters:\n  age: { k: 3, numeric: [age], model: models/age.arrow }\n';
const bank = smallBank(300);
const config = `${bank.config.replace(
  'insurance-cross: { kind: cross, ',
  'insurance-cross: { kind: cross, by_cluster: age, ',
)}${clusters}evaluate: { window: 2 years, bootstrap: 100 }
`;

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, remove } = await writeBank({ ...bank, config }));
});
afterEach(() => remove());

const settings = () => loadConfig(join(folder, 'basketwise.yaml'));
const run = async (stages = {}) => runJob(await settings(), { stages });
const out = (...path: string[]) => join(folder, 'out', ...path);
const resultsOf = (name: string) =>
  Promise.all(['recommendations.csv', 'clusters.parquet'].map((file) => readFile(out('runs', name, file))));

/** Puts another cluster model in the place of the one that the first run kept. */
async function replaceModel(): Promise<void> {
  const text = await readFile(join(folder, 'basketwise.yaml'), 'utf8');
  const other = join(folder, 'other.yaml');
  await writeFile(
    other,
    text.replace(
      'numeric: [age], model: models/age.arrow',
      'numeric: [age], seed: 7, starts: 1, start_sample: 9, iterations: 1, model: other.arrow',
    ),
  );
  await refitClusters(await loadConfig(other), 'age');
  await rename(join(folder, 'other.arrow'), join(folder, 'models', 'age.arrow'));
}

/** A run of the same data and models where nothing was before. */
async function afresh(): Promise<Buffer[]> {
  const text = await readFile(join(folder, 'basketwise.yaml'), 'utf8');
  const fresh = join(folder, 'fresh.yaml');
  await writeFile(fresh, text.replace('output: { ', 'output: { dir: fresh, '));
  const { folder: made } = await runJob(await loadConfig(fresh));
  return Promise.all(['recommendations.csv', 'clusters.parquet'].map((file) => readFile(join(made, file))));
}

longTest('another cluster model, stopped after the clusters: the rest is made of the new clusters', async () => {
  const first = await run();
  const before = await resultsOf(first.run);
  await replaceModel();
  await expect(run({ until: 'cluster' })).rejects.toThrow('stopped after cluster');
  expect(await latestRun(out())).toBe(first.run);
  expect(await resultsOf(first.run)).toEqual(before);
  const second = await run();
  const now = await resultsOf(second.run);
  expect(now).not.toEqual(before);
  expect(now).toEqual(await afresh());
  expect(await latestRun(out())).toBe(second.run);
  expect(await resultsOf(first.run)).toEqual(before);
});

test('a run that is done again and fails leaves the published one to be explained and rolled back to', async () => {
  const first = await run();
  const before = await resultsOf(first.run);
  const explained = await explainCustomer(await settings(), '0001');
  await writeFile(join(folder, 'models', 'age.arrow'), 'damaged');
  await expect(run()).rejects.toMatchObject({ code: 'bad-data' });
  expect(await latestRun(out())).toBe(first.run);
  expect(await explainCustomer(await settings(), '0001')).toEqual(explained);
  await rollback(out(), first.run);
  expect(await resultsOf(first.run)).toEqual(before);
});

test('a run that is done again is compared with what it is to take the place of', async () => {
  const first = await run();
  const text = await readFile(out('runs', first.run, 'manifest.json'), 'utf8');
  // the same clusters, but other shares in the published run: as if extraction anew had brought other customers
  const { seal: _, ...manifest } = JSON.parse(text);
  manifest.extract.customers.kept *= 10;
  const { writeSealed } = await import('@basketwise/pipeline');
  await writeSealed(out('runs', first.run, 'manifest.json'), manifest);
  await expect(run({ from: 'extract' })).rejects.toThrow('guards.max_row_drop');
  expect(await latestRun(out())).toBe(first.run);
});

longTest('guards and readers take no manifest whose seal does not fit', async () => {
  const first = await run();
  const manifest = out('runs', first.run, 'manifest.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace(/"kept": (\d+)/, '"kept": 1$1'));
  await expect(explainCustomer(await settings(), '0001')).rejects.toMatchObject({ code: 'bad-data' });
  await expect(refitClusters(await settings(), 'age')).rejects.toMatchObject({ code: 'bad-data' });
  await expect(rollback(out(), first.run)).rejects.toMatchObject({ code: 'bad-data' });
  const next = await runJob(await settings(), { referenceDate: '2022-08-30' });
  expect(next.warnings.join()).toContain('guards compared this run with nothing');
});

test('a manifest of the snapshot that is not as the run left it is taken over by no run', async () => {
  const first = await run();
  const manifest = out('runs', first.run, 'snapshot', 'manifest.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"kept": (\d+)/, '"kept": 1$1'));
  await expect(explainCustomer(await settings(), '0001')).rejects.toMatchObject({ code: 'bad-data' });
  await expect(recountSegments(await settings())).rejects.toMatchObject({ code: 'bad-data' });
});

longTest('a bit of the snapshot that has flipped is found before the snapshot is used again', async () => {
  await expect(run({ until: 'extract' })).rejects.toThrow('stopped after extract');
  const [name] = await readdir(out('runs'));
  const file = out('runs', name!, 'snapshot', 'holdings.parquet');
  const bytes = await readFile(file);
  bytes[bytes.length >> 1]! ^= 4;
  await writeFile(file, bytes);
  const { stages, run: made } = await run();
  expect(stages[0]).toMatchObject({ name: 'extract', status: 'done' });
  expect((await resultsOf(made))[0]).toEqual((await afresh())[0]);
});

longTest('commands at the same time share no folder, and remove nothing that is not theirs', async () => {
  await mkdir(out('tmp'), { recursive: true });
  await writeFile(out('tmp', 'of-somebody-else'), '');
  await run();
  const looking = Array.from({ length: 4 }, async () => {
    await explainCustomer(await settings(), '0001');
    await similarProducts(await settings(), 'D1', { top: 3 });
    await recountSegments(await settings());
  });
  const evaluating = evaluate(await loadConfig(join(folder, 'basketwise.yaml')), { referenceDate: '2022-08-31' });
  await Promise.all([...looking, evaluating]);
  expect(await readdir(out('tmp'))).toEqual(['of-somebody-else']);
  expect((await readdir(out())).filter((name) => name.startsWith('.'))).toEqual([]);
});
