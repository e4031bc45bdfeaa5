import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { explainCustomer, type Reasons } from '@basketwise/insight';
import { loadConfig } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { cases, every, some } from '../../cases.ts';
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
    const document = parseDocument(sampleConfig().replace('k: 8', 'k: 3').replace('k: 7', 'k: 2'));
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

/** Terms of a score beyond its baseline, in the words of the column `reason`. */
function termsOf({ contributions, exact, features }: Reasons): { text: string; value: number }[] {
  const ofBasket =
    contributions.length > 0 ? 'purchased by customers with the same products' : 'purchased by customers without products';
  return [
    ...contributions.map(({ name, value }) => ({ text: `holds ${name}`, value })),
    ...(exact === null ? [] : [{ text: ofBasket, value: exact }]),
    ...features.map(({ feature, level, value }) => ({ text: `${feature} ${level}`, value })),
  ];
}

test.each(kinds)(
  '%s: the reason of a row is its largest term, if above a tenth of the distance from the mean; all sum to it',
  async (kind) => {
    const { folder, rows } = required(banks, kind);
    const settings = await loadConfig(join(folder, 'basketwise.yaml'));
    const found = new Set<string>();
    const all = [...new Set(rows.map(({ customer }) => customer))];
    for (const customer of all.slice(0, every(40, cases(12)))) {
      const { campaigns } = await explainCustomer(settings, customer);
      for (const { campaign, recommendations } of campaigns) {
        for (const { code, reasons: why } of recommendations) {
          const row = rows.find((one) => one.customer === customer && one.campaign === campaign && one.code === code)!;
          expect(row.reason).not.toBe('');
          if (why === null) continue;
          const terms = termsOf(why);
          const sum = terms.reduce((total, { value }) => total + value, why.baseline);
          expect(Math.abs(sum - row.score)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(row.score)));
          const ranked = [...terms, { text: 'popular', value: Math.abs(sum - why.mean) / 10 }].sort((a, b) => b.value - a.value);
          // a tie may go to either
          if (ranked[0]!.value - ranked[1]!.value < 1e-6) continue;
          expect(row.reason, `${campaign} ${JSON.stringify(terms)}`).toBe(ranked[0]!.text);
          found.add(row.reason.replace(/^(holds|purchased) .*|^(sex|age|both) .*/, '$1$2'));
        }
      }
    }
    const isThere = kind === 'als' ? ['holds'] : ['holds', 'popular', 'purchased'];
    for (const one of isThere) expect([...found]).toContain(one);
  },
);
