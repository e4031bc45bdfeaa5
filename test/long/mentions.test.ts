import { readFileSync, writeFileSync } from 'node:fs';
import { lstat, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { longTest } from '../cases.ts';
import { basketwise, smallBank, testBank, unwrapped } from '../e2e/pipeline/small-bank.ts';

const bank = smallBank();

async function warnings(changes: Partial<typeof bank>) {
  const { folder } = await testBank({ ...bank, ...changes });
  const { exitCode, stderr } = await basketwise(folder, 'run');
  expect(exitCode).toBe(0);
  const products = JSON.parse(readFileSync(join(folder, 'out/latest/snapshot/manifest.json'), 'utf8')).products as {
    groups: number;
  };
  return {
    warnings: unwrapped(stderr)
      .split('\n')
      .filter((line) => line.startsWith('warning: ')),
    products,
  };
}

test('the default of factors is no mistake; too many in the config are reported', async () => {
  const byDefault = await warnings({ config: bank.config.replace('factors: 4, ', '') });
  expect(byDefault.warnings.filter((line) => line.includes('factors'))).toEqual([]);
  const asked = await warnings({ config: bank.config.replace('factors: 4', 'factors: 64') });
  expect(asked.warnings.join('\n')).toContain('factors: 64 is more than the');
});

test('a class that no campaign names is mentioned without its name, a rule that excludes all customers, and equal rows', async () => {
  const products = `${bank.products}F1,채권펀드,fund,\nF2,주식펀드,fund,\nF1,채권펀드,fund,\n`;
  const config = bank.config.replace('rules:', 'rules:\n  - { reason: TOO_YOUNG, class: insurance, require: "age > 200" }');
  const { warnings: found } = await warnings({ products, config });
  expect(found.join('\n')).toContain('1 class of products is named by no campaign: 2 products can be in no list');
  expect(found.join('\n')).toContain('rules: TOO_YOUNG excludes all customers: no product of insurance can be in any list');
  expect(found.join('\n')).toContain('tables.products: fewer than 10 rows repeat another row, and do not count');
  expect(found.join('\n')).not.toContain('fund');
});

test('products of one name are one where holdings name them by it or the group says so; by code they are several, and named', async () => {
  expect((await warnings({})).products.groups).toBe(7);
  const codes = new Map(bank.products.split('\n').map((line) => line.split(',').slice(0, 2).reverse() as [string, string]));
  const holdings = bank.holdings.replace(/,([^,\n]+),(\d)/g, (_, name: string, digit: string) => `,${codes.get(name)},${digit}`);
  const config = bank.config.replace('by: name', 'by: code');
  const several = await warnings({ holdings, config });
  expect(several.products.groups).toBe(8);
  expect(several.warnings.join('\n')).toContain(
    'some have the name of another (D2, D3) and count as products of their own; if they are one, set `group: name`',
  );
  const grouped = await warnings({ holdings, config: config.replace('class: class,', 'class: class, group: name,') });
  expect(grouped.products.groups).toBe(7);
  expect(grouped.warnings.join('\n')).not.toContain('name of another');
});

longTest("sample writes its config over its own alone: another's stays as it is", async () => {
  const { folder } = await testBank(bank);
  await mkdir(join(folder, 'mine'));
  const config = join(folder, 'mine/basketwise.yaml');
  writeFileSync(config, bank.config);
  const refused = await basketwise(folder, 'sample', '--customers', '300', '--out', 'mine');
  expect(refused.exitCode).toBe(74);
  expect(refused.stderr).toContain("exists, and is not the sample's");
  expect(readFileSync(config, 'utf8')).toBe(bank.config);
  await mkdir(join(folder, 'linked'));
  const loop = join(folder, 'linked/basketwise.yaml');
  await symlink(loop, loop); // there, and cannot be read
  for (const command of ['sample --customers 300 --out linked', 'init linked/basketwise.yaml']) {
    expect((await basketwise(folder, ...command.split(' '))).exitCode).not.toBe(0);
    expect((await lstat(loop)).isSymbolicLink()).toBe(true);
  }
  for (let i = 0; i < 2; i++)
    expect((await basketwise(folder, 'sample', '--customers', '300', '--out', 'theirs')).exitCode).toBe(0);
});
