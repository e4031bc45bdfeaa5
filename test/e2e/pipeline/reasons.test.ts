import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { required } from '@basketwise/core/parts';
import { openSnapshot, queryRows } from '@basketwise/data';
import { explainCustomer, type Reasons } from '@basketwise/insight';
import { loadConfig } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { some } from '../../cases.ts';
import { basketwise } from './small-bank.ts';

/** A row of recommendations.csv. */
interface Row {
  customer: string;
  campaign: string;
  code: string;
  score: number;
  source: string;
  reason: string;
}

/** Kinds of models, each a sample bank of its own: with clusters, rules, and features of two kinds. */
const kinds = some(['als', 'automatic'] as const, 1);
const features = {
  sex: { column: 'SEX_CD', fixed: true },
  age: { column: 'AGE', bands: 5, fixed: true },
  both: { cross: ['sex', 'age'] },
};
const banks = new Map<string, { folder: string; rows: Row[]; remove(): Promise<void> }>();

beforeAll(async () => {
  for (const kind of kinds) {
    const folder = await mkdtemp(join(tmpdir(), 'basketwise-reasons-'));
    const remove = () => rm(folder, { recursive: true, force: true });
    await generateBank({ customers: 1000, seed: 0, folder: join(folder, 'data') });
    const document = parseDocument(sampleConfig());
    document.set('model', { kind });
    if (kind !== 'als') document.set('features', features);
    await writeFile(join(folder, 'basketwise.yaml'), document.toString());
    const run = await basketwise(folder, 'run');
    expect(run.exitCode, run.stderr).toBe(0);
    const csv = await readFile(join(folder, 'out', 'latest', 'recommendations.csv'), 'utf8');
    const [header, ...lines] = csv.trim().split('\n');
    const names = header!.split(',');
    const at = (name: string) => names.indexOf(name);
    const rows = lines.map((line): Row => {
      const values = line.split(',');
      const of = (name: string) => values[at(name)]!;
      return {
        ...{ customer: of('customer'), campaign: of('campaign'), code: of('product_code') },
        ...{ score: Number(of('score')), source: of('source'), reason: of('reason') },
      };
    });
    banks.set(kind, { folder, rows, remove });
  }
});
afterAll(async () => {
  for (const { remove } of banks.values()) await remove();
});

/** Terms of a score in the words of the column `reason`, with a product's name for its code: products of one name are one. */
function termsOf({ baseline, contributions, features }: Reasons): { text: string; value: number }[] {
  return [
    { text: 'popular', value: baseline },
    ...contributions.map(({ name, value }) => ({ text: `holds ${name}`, value })),
    ...features.map(({ feature, level, value }) => ({ text: `${feature} ${level}`, value })),
  ];
}

test.each(kinds)('%s: the reason of a row is the largest of its terms, and they sum to its score', async (kind) => {
  const { folder, rows } = required(banks, kind);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const engine = { memory: '500MB', threads: 1, tempDirectory: join(folder, 'spill') };
  const snapshot = await openSnapshot(join(folder, 'out', 'latest', 'snapshot'), engine);
  const products = await queryRows(snapshot.engine, 'SELECT code, name FROM products').finally(() => snapshot.close());
  const named = new Map(products.map(({ code, name }) => [`holds ${code}`, `holds ${name}`]));
  const reasons = new Set<string>();
  const drawn = fc.sample(fc.constantFrom(...new Set(rows.map(({ customer }) => customer))), { seed: 16, numRuns: 20 });
  for (const customer of drawn) {
    const { campaigns } = await explainCustomer(settings, customer);
    for (const { campaign, recommendations } of campaigns) {
      for (const { code, reasons: why } of recommendations) {
        const row = rows.find((one) => one.customer === customer && one.campaign === campaign && one.code === code)!;
        expect(row.reason).not.toBe('');
        if (why === null) continue;
        const terms = termsOf(why);
        const sum = terms.reduce((total, { value }) => total + value, 0);
        expect(Math.abs(sum - row.score)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(row.score)));
        const [first, second] = terms.toSorted((a, b) => b.value - a.value);
        // a tie may go to either
        if (second && first!.value - second.value < 1e-6) continue;
        expect(named.get(row.reason) ?? row.reason, `${campaign} ${JSON.stringify(terms)}`).toBe(first!.text);
        reasons.add(row.reason.split(' ')[0]!);
      }
    }
  }
  const isThere = kind === 'als' ? ['holds'] : ['holds', 'popular'];
  for (const one of isThere) expect([...reasons]).toContain(one);
});
