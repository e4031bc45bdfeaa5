import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { beforeEach, expect, test } from 'vitest';
import { basketwise, smallBank, testBank } from '../pipeline/small-bank.ts';

const bank = smallBank(400);
let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank(bank));
});

const run = async (...args: string[]) => JSON.parse((await basketwise(folder, 'run', '--json', ...args)).stdout).run as string;
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

/** Lists of a run by campaign and customer, read from its CSV. */
function listsOf(name: string): Map<string, string[]> {
  const [, ...rows] = readFileSync(join(folder, 'out/runs', name, 'recommendations.csv'), 'utf8')
    .trimEnd()
    .split('\n');
  const lists = new Map<string, string[]>();
  for (const row of rows) {
    const [customer, campaign, , code] = row.split(',');
    lists.set(`${campaign} ${customer}`, [...(lists.get(`${campaign} ${customer}`) ?? []), code!]);
  }
  return lists;
}

const tens = (value: number) => (value > 0 && value < 10 ? null : Math.floor(value / 10) * 10);

test('compare counts who came and went, and whose list changed, as the files of two runs have them', async () => {
  const before = await run();
  const config = bank.config.replace("consent = 'Y'", 'age < 60').replace('factors: 4', 'factors: 2');
  writeFileSync(join(folder, 'basketwise.yaml'), `${config}consent: { none: by age }\n`);
  const after = await run('--accept-drop');
  const { exitCode, stdout } = await basketwise(folder, 'compare', before, '--json');
  expect(exitCode).toBe(0);
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({ before, after, differs: ['config'] });
  const [a, b] = [listsOf(before), listsOf(after)];
  for (const campaign of ['deposit-upsell', 'insurance-cross']) {
    const of = (lists: typeof a) => [...lists.keys()].filter((key) => key.startsWith(`${campaign} `));
    const both = of(a).filter((key) => b.has(key));
    const one = found.campaigns.find((each: { campaign: string }) => each.campaign === campaign);
    expect(one).toMatchObject({
      ...{ before: tens(of(a).length), after: tens(of(b).length) },
      ...{ came: tens(of(b).filter((key) => !a.has(key)).length), went: tens(of(a).filter((key) => !b.has(key)).length) },
      otherFirst: tens(both.filter((key) => required(a, key)[0] !== required(b, key)[0]).length),
      otherList: tens(both.filter((key) => required(a, key).join() !== required(b, key).join()).length),
    });
    for (const { code, before: was, after: is } of one.products) {
      expect(was).toBe(tens(of(a).filter((key) => required(a, key).includes(code)).length));
      expect(is).toBe(tens(of(b).filter((key) => required(b, key).includes(code)).length));
    }
  }
  const text = (await basketwise(folder, 'compare', before, after)).stdout;
  expect(text).toContain('insurance-cross (insurance)');
  expect(widest(text)).toBeLessThanOrEqual(100);
  expect((await basketwise(folder, 'compare', 'x')).exitCode).toBe(66);
});

test('runs lists all runs, the newest last; index.html shows the nights that succeeded, and has no customer', async () => {
  expect((await basketwise(folder, 'runs')).stdout).toBe(`no run yet in ${join(folder, 'out')}\n`);
  const first = await run('--reference-date', '2022-07-31');
  const second = await run();
  await rm(join(folder, 'holdings.csv'));
  writeFileSync(join(folder, 'holdings.csv'), 'customer,product,opened\n');
  await run('--reference-date', '2022-09-30').catch(() => undefined);
  const { stdout } = await basketwise(folder, 'runs');
  expect(stdout.split('\n')[1]).toContain(first);
  expect(stdout).toContain(`* ${second}`);
  expect(stdout).toContain('failed');
  expect(widest(stdout)).toBeLessThanOrEqual(80);
  const listed = JSON.parse((await basketwise(folder, 'runs', '--json')).stdout);
  expect(listed.map(({ succeeded }: { succeeded: boolean }) => succeeded)).toEqual([true, true, false]);
  expect(listed[1].campaigns.map(({ campaign }: { campaign: string }) => campaign)).toEqual([
    'deposit-upsell',
    'insurance-cross',
  ]);
  const page = readFileSync(join(folder, 'out/index.html'), 'utf8');
  const sentence = /Of 2 campaigns: [^<]+\.|No campaign was tested against best sellers\./;
  const [verdicts] = sentence.exec(readFileSync(join(folder, 'out/latest/report.html'), 'utf8'))!;
  expect(page).toContain(verdicts);
  expect(page).toContain(`runs/${second}/report.html`);
  expect(page.match(/<svg/g)!.length).toBeGreaterThan(3);
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['index.html', 'latest', 'published.json', 'runs']);
});
