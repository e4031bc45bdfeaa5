import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateBank } from '@basketwise/sample/write';
import { latestName } from '../../bench/scale/published-run.ts';
import { parquetRows } from '../e2e/pipeline/parquet-rows.ts';
import { writeKeys } from '../e2e/pipeline/release-keys.ts';
import type { Cage } from './cage.ts';

/** A small bank's job. */
const config = `
reference_date: 2022-08-31
source: { engine: duckdb, path: ./data, memory: 256MB }
tables:
  customers: { from: customers.parquet, id: csno }
  products: { from: products.parquet, code: gds_cd, name: gds_korn_nm, class: gds_class, sale_end: sale_end_dt }
  holdings: { from: holdings.parquet, customer: csno, product: gds_korn_nm, by: name, date: open_dt, closed: close_dt }
recency: { bands: [{ within: 1 year, weight: 1 }, { weight: 0.5 }] }
clusters: { all: { method: kmeans, k: 2, seed: 0, starts: 1, numeric: [AGE, AA], categorical: [SEX_CD], model: models/all.arrow } }
rules: [{ reason: NO_MARKETING_CONSENT, require: "CONSENT_YN = 'Y'" }]
campaigns:
  by-cluster: { kind: upsell, class: deposit, by_cluster: all }
model: { kind: als, factors: 4, regularization: 10, alpha: 10, iterations: 2, seed: 0 }
calibrate: false
guards: { max_days_old: 100 }
workers: 1
output: { dir: ./out, formats: [parquet], report: false, keep: 1 }
`;

/** With all else that a run writes. */
const more = (text: string) =>
  `${text}
segments: { age: { column: AGE, bands: [{ label: young, to: 40 }, { label: old, from: 40 }] } }
log: { file: logs/run.log }
`
    .replace('calibrate: false\n', '')
    .replace('campaigns:\n', 'campaigns:\n  cross: { kind: cross, class: deposit, columns: [deposit, insurance] }\n')
    .replace('formats: [parquet], report: false', 'formats: [parquet, csv], report: true');

export const scenarioNames = [
  'first night',
  'another night',
  'another config',
  'done again',
  'rollback',
  'release',
  'stop',
  'forget',
] as const;

/** Something done in a place that faults, kills and power cuts are put into. */
export interface Scenario {
  name: (typeof scenarioNames)[number];
  /** The place before it. */
  from: string;
  args: readonly string[];
  /** Further commands, one after the other, that must end with 0 after the scenario, and after its fault instead of the next run. */
  others: readonly (readonly string[])[];
}

async function done(cage: Cage, place: string, ...args: string[]): Promise<string> {
  const ended = await cage.run(place, args);
  if (ended.code !== 0) throw new Error(`${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`);
  return latestName(join(place, 'out'))!;
}

function changeConfig(place: string, change: (text: string) => string): void {
  const path = join(place, 'basketwise.yaml');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

async function bankPlace(cage: Cage, name: string, seed: number): Promise<string> {
  const place = cage.place(name);
  await generateBank({ customers: 60, products: 24, seed, folder: join(place, 'data') });
  writeFileSync(join(place, 'basketwise.yaml'), config);
  cage.own(place);
  return place;
}

/** A first night; another night, with all that a run may write; the same night with longer lists; one that is done again with other clusters; a rollback; a release; a stop; an erasure. */
export async function openScenarios(cage: Cage): Promise<Scenario[]> {
  const first = await bankPlace(cage, 'first', 11);
  const second = cage.place('second', first);
  await done(cage, second, 'run', '--reference-date', '2022-07-31');
  const another = cage.place('another', second);
  changeConfig(another, more);
  const again = cage.place('again', second);
  await done(cage, again, 'run');
  const longer = cage.place('longer', again);
  changeConfig(longer, (text) => `${text.replace('keep: 1', 'keep: 3')}top_n: 7\n`);
  const elsewhere = await bankPlace(cage, 'elsewhere', 12);
  await done(cage, elsewhere, 'run');
  cpSync(join(elsewhere, 'models'), join(again, 'models'), { recursive: true });
  cage.own(again);
  const back = cage.place('back', first);
  changeConfig(back, (text) => text.replace('keep: 1', 'keep: 2'));
  const earlier = await done(cage, back, 'run', '--reference-date', '2022-07-31');
  await done(cage, back, 'run');
  const releases = await releasePlaces(cage, second);
  const scenarios: Named[] = [
    { name: 'first night', from: first, args: ['run'] },
    { name: 'another night', from: another, args: ['run'] },
    { name: 'another config', from: longer, args: ['run'] },
    { name: 'done again', from: again, args: ['run'] },
    { name: 'rollback', from: back, args: ['rollback', earlier] },
    ...releases,
  ];
  return scenarios.map((scenario) => ({ others: [], ...scenario }));
}

type Named = Omit<Scenario, 'others'> & Partial<Scenario>;

/**
 * A run that has its approvals, to be released; the same one released, to be taken back; and that one with an archive, to erase a customer of
 * it and of the run before, which no key signed. @param published place with an earlier run
 */
async function releasePlaces(cage: Cage, published: string): Promise<Named[]> {
  const prepared = cage.place('prepared', published);
  const earlier = latestName(join(prepared, 'out'))!;
  writeKeys(prepared);
  changeConfig(prepared, (text) => `${text.replace('keep: 1', 'keep: 3')}release: { keys: keys.yaml }\n`);
  cage.own(prepared);
  await done(cage, prepared, 'run', '--as', 'batch');
  const run = readdirSync(join(prepared, 'out/runs')).find((name) => name !== earlier)!;
  for (const name of ['anna', 'ben']) await done(cage, prepared, 'approve', run, '--as', name);
  const released = cage.place('released', prepared);
  const release = ['release', run, '--as', 'batch'];
  await done(cage, released, ...release);
  const archived = cage.place('archived', released);
  await done(cage, archived, 'archive');
  const [first] = await parquetRows(archived, 'out/latest/recommendations.parquet');
  const stop = (to: string) => ['stop', '--to', to, '--because', 'a test'];
  return [
    { name: 'release', from: prepared, args: release },
    { name: 'stop', from: released, args: stop(earlier) },
    {
      ...{ name: 'forget', from: archived, args: ['forget', '--customer', String(first!.customer), '--as', 'anna'] },
      // the stop takes the lock, and refuses a run that is no longer released
      others: [
        stop(run),
        ...[earlier, run, `out/archives/${run}.tar`].map((of) => ['verify', of, '--hashes']),
        ['journal', 'verify'],
      ],
    },
  ];
}
