import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import type { EvaluationFile } from '@basketwise/insight';
import { expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { basketwise, smallBank, testBank } from './small-bank.ts';

/** The date that is judged, and the window of purchases after a gap. */
const [at, from, to] = ['2022-05-31', '2022-06-30', '2022-08-31'];
const customers = 1500;
/** Names of products on sale, by class; names stand for groups. */
const onSale = { deposit: ['입출금통장', '정기예금', '적금'], insurance: ['실손보험', '연금보험', '저축보험'] };

/** Customers who joined after the date: half of those without holdings on it. */
const isLate = (customer: number) => customer % 14 === 6;

/** A bank in which some buy a product without known earlier holders (one has lost their date), some hold nothing, and some hold what no campaign has to do with. */
function bankOf(model: string, campaign: string) {
  const bank = smallBank(customers);
  const bought = Array.from({ length: customers }, (_, i) => i).filter((i) => i % 4 === 0 || (i % 7 === 6 && i % 2 === 0));
  const launched = bought.map(
    (i) => `${String(i).padStart(4, '0')},${['저축보험', '적금', '실손보험'][i % 3]},2022-07-${10 + (i % 9)}`,
  );
  const undated = '0003,저축보험,';
  const config = bank.config
    .replace('deposit-upsell: { kind: upsell,', `deposit-upsell: { kind: upsell, ${campaign}`)
    .replace(/model: .*/, `model: ${model}`)
    .replace('top_n: 3', 'top_n: 5')
    .concat('clusters: { life: { method: kmeans, k: 3, numeric: [age] } }\n')
    .concat('evaluate: { window: 2 months, gap: 1 month, at: [1, 3, 5], bootstrap: 0 }\n');
  const joined = bank.customers
    .trim()
    .split('\n')
    .map((line, i) => `${line},${i === 0 ? 'joined' : isLate(i - 1) ? '2022-07-05' : '2019-01-01'}`);
  return {
    ...bank,
    customers: `${joined.join('\n')}\n`,
    holdings: `${bank.holdings}${[...launched, undated].join('\n')}\n`,
    config,
  };
}

const linesOf = async (file: string) => {
  const [, ...lines] = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.map((line) => line.split(','));
};

/** A plain script: mean NDCG@5, hit rates, and distinct customers and purchases, from published lists and the table of holdings. */
async function judged(folder: string, campaign: string, names: readonly string[]) {
  const held = new Map<string, Set<string>>();
  const bought = new Map<string, Set<string>>();
  const known = new Set<string>();
  const add = (sets: Map<string, Set<string>>, who: string, what: string) =>
    sets.set(who, (sets.get(who) ?? new Set()).add(what));
  const gap: [string, string][] = [];
  for (const [who, what, opened] of await linesOf(join(folder, 'holdings.csv'))) {
    if (opened! <= at) {
      if (opened !== '') known.add(what!);
      add(held, who!, what!);
    } else if (opened! <= from) gap.push([who!, what!]);
    else if (opened! <= to) add(bought, who!, what!);
  }
  const before = new Map([...held].map(([who, what]) => [who, new Set(what)]));
  for (const [who, what] of gap) add(before, who, what);
  const lists = new Map<string, string[]>();
  const rows = { pairs: 0, expected: 0, squares: 0 };
  for (const row of await linesOf(join(folder, 'out/latest/recommendations.csv'))) {
    if (row[1] !== campaign) continue;
    const [who, what, probability] = [row[0]!, row[4]!, Number(row[6])];
    lists.set(who, [...(lists.get(who) ?? []), what]);
    const isBought = bought.get(who)?.has(what) && !before.get(who)?.has(what) ? 1 : 0;
    rows.pairs++;
    rows.expected += probability;
    rows.squares += (isBought - probability) ** 2;
  }
  const sum = { ndcg: 0, hit1: 0, hit3: 0, mrr: 0, tested: 0, withoutHistory: 0, unknown: 0 };
  for (const who of [...lists.keys()].sort()) {
    const taken = [...(bought.get(who) ?? [])].filter((what) => names.includes(what) && !before.get(who)?.has(what));
    const targets = new Set(taken.filter((what) => known.has(what)));
    sum.unknown += taken.length - targets.size;
    if (targets.size === 0) continue;
    if (!held.has(who)) {
      sum.withoutHistory++;
      continue;
    }
    const list = required(lists, who);
    const hit = list.map((what) => targets.has(what));
    sum.tested++;
    let [gain, best] = [0, 0];
    for (let i = 0; i < 5; i++) if (hit[i]) gain += 1 / Math.log2(i + 2);
    for (let i = 0; i < Math.min(5, targets.size); i++) best += 1 / Math.log2(i + 2);
    sum.ndcg += gain / best;
    sum.hit1 += hit[0] ? 1 : 0;
    sum.hit3 += hit.slice(0, 3).includes(true) ? 1 : 0;
    sum.mrr += hit.includes(true) ? 1 / (1 + hit.indexOf(true)) : 0;
  }
  return { ...sum, ...rows };
}

const als = '{ kind: als, factors: 4, regularization: 1, alpha: 10, iterations: 5 }';

const models = [
  ['a model per cluster', als, 'by_cluster: life,', '', 'model of the config'],
  ['who holds nothing is served by the model', als, '', 'fallback: model\n', 'model of the config'],
  ['best sellers', '{ kind: popularity, of: upsell }', '', '', 'up-sell popularity'],
  ['who joined later is no target', als, '', 'since', 'model of the config'],
  ['automatic', '{ kind: automatic }', 'by_cluster: life,', '', 'automatic'],
] as const;

test.each(some(models, 1))(
  'evaluate gives to the last digit what a plain script gives of the lists that were published on that date: %s',
  async (_, model, campaign, rest, name) => {
    const bank = bankOf(model, campaign);
    const config = rest === 'since' ? bank.config.replace('id: id }', 'id: id, since: joined }') : `${bank.config}${rest}`;
    const { folder } = await testBank({ ...bank, config });
    const evaluated = await basketwise(folder, 'evaluate', '--json');
    expect([evaluated.exitCode, evaluated.exitCode ? evaluated.stderr : '']).toEqual([0, '']);
    const { windows, campaigns } = JSON.parse(evaluated.stdout) as EvaluationFile;
    expect(windows).toEqual([{ at, from, to }]);
    const published = await basketwise(folder, 'run', '--reference-date', at);
    expect([published.exitCode, published.exitCode ? published.stderr : '']).toEqual([0, '']);
    const served = new Set((await linesOf(join(folder, 'out/latest/recommendations.csv'))).map(([who]) => Number(who)));
    expect([...served].some(isLate)).toBe(rest !== 'since');
    for (const { campaign, tested, withoutHistory, unknown, models, probabilities } of campaigns) {
      const sum = await judged(folder, campaign, campaign.startsWith('deposit') ? onSale.deposit : onSale.insurance);
      expect(sum.tested).toBeGreaterThan(30);
      if (campaign === 'insurance-cross') {
        expect(sum.unknown).toBeGreaterThan(9);
        expect(sum.withoutHistory > 9).toBe(rest !== 'since');
      }
      const counted = (count: number) => (count > 0 && count < 10 ? null : Math.floor(count / 10) * 10);
      expect([tested, withoutHistory, unknown]).toEqual([sum.tested, sum.withoutHistory, sum.unknown].map(counted));
      const tens = Math.floor(sum.pairs / 10) * 10;
      expect([probabilities!.pairs, probabilities!.expected]).toEqual([tens, Math.round(sum.expected)]);
      expect(probabilities!.brier).toBeCloseTo(sum.squares / sum.pairs, 6);
      const { metrics } = models.find((one) => one.name === name)!;
      expect([metrics['ndcg@5'], metrics['hit rate@1'], metrics['hit rate@3'], metrics.mrr]).toEqual(
        [sum.ndcg, sum.hit1, sum.hit3, sum.mrr].map((value) => value / sum.tested),
      );
    }
  },
);
