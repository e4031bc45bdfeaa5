import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { basketwise } from '../../../e2e/pipeline/small-bank.ts';
import type { DrawnBank } from './warehouses.ts';
import { written } from './written-bank.ts';

/** Result of a bank from `init --yes` to lists. Rows are counted in recommendations.csv. */
export interface Judged {
  init: number;
  doctor: number;
  run: number;
  said: string;
  config: string;
  rows: number;
  /** Rows to customers without consent, of products that are held, and to ids of no person. */
  wrong: { consent: number; held: number; person: number };
}

/** Runs `init --yes`, `doctor --data` and `run` on a bank, and compares the lists with what is true of it. */
export async function judged(bank: DrawnBank, edit = (config: string) => config): Promise<Judged> {
  const { folder, path } = await written(bank);
  const file = join(folder, 'basketwise.yaml');
  const init = await basketwise(folder, 'init', path, '--yes');
  const none = { doctor: -1, run: -1, config: '', rows: 0, wrong: { consent: 0, held: 0, person: 0 } };
  if (init.exitCode !== 0) return { ...none, init: init.exitCode, said: init.stderr };
  const config = edit(readFileSync(file, 'utf8'));
  writeFileSync(file, config);
  const doctor = await basketwise(folder, 'doctor', '--data');
  const run = await basketwise(folder, 'run', ...(/^reference_date:/m.test(config) ? [] : ['--reference-date', '2023-12-31']));
  const said = `${init.stdout}\n${doctor.stdout}\n${run.stderr}`;
  const outcome = { init: 0, doctor: doctor.exitCode, run: run.exitCode, said, config };
  if (run.exitCode !== 0) return { ...none, ...outcome };
  const [head, ...lines] = readFileSync(join(folder, 'out/latest/recommendations.csv'), 'utf8').trimEnd().split('\n');
  const [customer, product] = ['customer', 'product_code'].map((name) => head!.split(',').indexOf(name)) as [number, number];
  const rows = lines.map((line) => line.split(','));
  const count = (is: (id: string, code: string) => boolean) => rows.filter((row) => is(row[customer]!, row[product]!)).length;
  const wrong = {
    consent: count((id) => !bank.consenting.has(id)),
    held: count((id, code) => bank.held.get(id)?.has(code) === true),
    person: count((id) => !bank.persons.has(id)),
  };
  return { ...outcome, rows: rows.length, wrong };
}
