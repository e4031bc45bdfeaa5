import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckdb, queryRows } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { smallBank, testBank } from './small-bank.ts';

test('left-out customers are listed one by one, and add up to the counts of the run', async () => {
  const bank = smallBank(300);
  const rules = `rules:\n  - { reason: TOO_OLD, class: insurance, require: "age < 60" }\n`;
  const config = bank.config.replace('rules:\n', rules).replace('output: { ', 'output: { suppressed_customers: true, ');
  const { folder } = await testBank({ ...bank, config });
  const run = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
  const file = `read_parquet('${join(run.folder, 'suppressed-customers.parquet')}')`;
  const rows = await queryRows(engine, `SELECT customer, campaign, reason FROM ${file}`);
  await engine.close();
  const [, ...people] = bank.customers.trimEnd().split('\n');
  const facts = new Map(people.map((line) => line.split(',')).map(([id, age, consent]) => [id!, { age: Number(age), consent }]));
  const [, ...holdings] = bank.holdings.trimEnd().split('\n');
  const insured = new Set(holdings.filter((line) => /보험/.test(line)).map((line) => line.split(',')[0]));
  const without = rows.filter(({ reason }) => reason !== 'NO_PRODUCT_LEFT');
  const wanted = [...facts]
    .filter(([id]) => !insured.has(id))
    .flatMap(([id, { age, consent }]) => [
      ...(age < 60 ? [] : [`${id} TOO_OLD`]),
      ...(consent === 'Y' ? [] : [`${id} NO_CONSENT`]),
    ]);
  expect(
    without.filter(({ campaign }) => campaign === 'insurance-cross').map(({ customer, reason }) => `${customer} ${reason}`),
  ).toEqual(wanted);
  for (const { campaign, suppressed, unserved } of run.campaigns) {
    const count = (reason: string) => rows.filter((row) => row.campaign === campaign && row.reason === reason).length;
    for (const [reason, customers] of Object.entries(suppressed)) expect(count(reason), reason).toBe(customers);
    expect(count('NO_PRODUCT_LEFT')).toBe(unserved.NO_PRODUCT_LEFT ?? 0);
  }
  const { files } = JSON.parse(readFileSync(join(run.folder, 'manifest.json'), 'utf8'));
  expect(files.map((one: { file: string }) => one.file)).toContain('suppressed-customers.parquet');
});
