import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, type RunReport, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { smallBank, testBank } from './small-bank.ts';

/** A bank of 300 customers whose features, clusters, segments, shares and models depend on who is counted. */
function bankOf(isLater: boolean) {
  const bank = smallBank(300);
  const [head, ...people] = bank.customers.trim().split('\n');
  const lines = people.map((line, i) => `${line},${i % 3 === 0 ? '' : i % 3 === 1 ? '2018-01-01' : '2022-08-31'}`);
  const holdings = bank.holdings.trim().split('\n');
  const [heading, ...sold] = bank.products.trim().split('\n');
  const products = sold.map((line, i) => `${line},${['', '2015-01-01', '2022-08-31'][i % 3]}`);
  if (isLater) {
    // of both classes, codes before and behind the others; a customer without others holds one before it is on sale
    products.push('A1,새예금,deposit,,2022-09-01', 'Z9,새보험,insurance,,2022-10-15');
    holdings.push('0001,새예금,2022-09-15', '0006,새예금,2022-05-02', '0003,새보험,2022-12-01');
    for (let i = 0; i < 30; i++) {
      // ids among the others, ages beyond theirs, holdings from before and without a date
      const id = `${String(i * 9).padStart(4, '0')}x`;
      lines.push(`${id},${90 + i},Y,2022-09-${String(1 + (i % 28)).padStart(2, '0')}`);
      for (const [product, day] of [
        ['연금보험', '2022-08-01'],
        ['실손보험', '2021-12-05'],
        ['저축보험', ''],
      ])
        holdings.push(`${id},${product},${day}`);
      // of customers at the date: later purchases
      holdings.push(`${String(i * 7).padStart(4, '0')},저축보험,2022-09-0${1 + (i % 9)}`);
    }
  }
  const config = bank.config
    .replace('id: id }', 'id: id, since: joined }')
    .replace('sale_end: sale_end }', 'sale_start: from, sale_end: sale_end }')
    .replace(
      'deposit-upsell: { kind: upsell,',
      'deposit-upsell: { kind: upsell, by_cluster: life, model: { kind: popularity, of: recent },',
    )
    .replace('guards: {', 'guards: { max_unknown_customers: 0,')
    .replace(/^model: .*$/m, 'model: { kind: automatic }')
    .concat('features: { age: { column: age, bands: 4, fixed: true } }\n')
    .concat('clusters: { life: { method: kmeans, k: 3, numeric: [age], scale: robust } }\n')
    .concat('segments: { old: { column: age, bands: [{ label: young, to: 50 }, { label: old, from: 50 }] } }\n')
    .concat('evaluate: { window: 2 months, gap: 0 days }\n');
  const tables = { products: `${heading},from\n${products.join('\n')}\n`, holdings: `${holdings.join('\n')}\n` };
  return { ...bank, ...tables, customers: `${head},joined\n${lines.join('\n')}\n`, config };
}

async function runOf(isLater: boolean): Promise<{ report: RunReport; texts: Record<string, string> }> {
  const { folder } = await testBank(bankOf(isLater));
  const report = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
  const names = ['recommendations.csv', 'features.json', 'segments.json', 'clusters.json', 'calibration.json', 'choices.json'];
  const texts = await Promise.all(
    names.map(async (name) => [name, await readFile(join(report.folder, name), 'utf8').catch(() => 'none')] as const),
  );
  return { report, texts: Object.fromEntries(texts) };
}

test('customers who join after the date, products sold from later on, and purchases after it change no byte as of the date', async () => {
  const [without, within] = [await runOf(false), await runOf(true)];
  for (const name of ['recommendations.csv', 'features.json', 'segments.json', 'clusters.json'])
    expect(without.texts[name]).not.toBe('none');
  expect(within.texts).toEqual(without.texts);
});
