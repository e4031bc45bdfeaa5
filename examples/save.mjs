// Holdings with dates in recency bands, weighed by them; the model saved and loaded again: node examples/save.mjs [FILE]
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore } from '@basketwise/core';

const file = process.argv[2] ?? join(tmpdir(), 'basketwise-example.arrow');
const day = (text) => Date.parse(text) / 86_400_000;
const core = await openCore();
const baskets = await core.baskets({
  customer: [0, 0, 1, 1, 2, 2],
  product: [0, 1, 1, 2, 0, 2],
  products: ['savings', 'credit card', 'fund'],
  days: ['2022-08-01', '2022-03-10', '2021-01-05', '2022-07-20', '2020-02-02', '2022-08-30'].map(day),
  referenceDay: day('2022-08-31'),
  bands: [30, 180], // at most 30 days old, at most 180, older
});
const model = await core.fit(baskets, {
  kind: 'als',
  factors: 2,
  regularization: 1,
  alpha: 10,
  weights: [1, 0.8, 0.5],
});
await writeFile(file, await model.save());
const again = await core.load(await readFile(file));
const [was, is] = [model, again].map((one) => JSON.stringify(one.recommend(baskets, { n: 1 }).of(0)));
console.log(was === is ? 'the same list from the file' : 'another list from the file');
await core.close();
