// `npm run bench:peers -- lambdarank [berka|sample|falling|spiking] [--customers 10000]`: weights of the next-purchase model against LightGBM's
// lambdarank.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  difference,
  type EvaluationWindow,
  evaluationWindows,
  type MemberCandidate,
  memberCandidates,
} from '@basketwise/core/parts';
import { loadConfig } from '@basketwise/pipeline';
import { planCampaigns, recordsOf } from '@basketwise/pipeline/parts';
import {
  bootstrap,
  customerLevels,
  type EvaluationSet,
  fitMembers,
  type LearnedPurchases,
  loadBankAt,
  makeEvaluationSet,
  ProductNumbers,
  PurchaseLearner,
  rankingFeatures,
  type WindowChoices,
  windowChoices,
  withoutColumns,
} from '@basketwise/recommend';
import { withSnapshotAt } from '../../packages/insight/src/evaluation/snapshot-at.ts';
import { banksOf, writeConfig } from '../cells/cell-banks.ts';
import { record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';
import { pythonWith } from './python.ts';

const packages = ['lightgbm==4.7.0', 'numpy==2.4.6', 'scipy==1.17.1'];
const [inner, fading, most] = [4, 0.7, 20_000];

/** One purchase among the products that the customer could have bought. */
interface Choice {
  set: number;
  levels: readonly number[];
  /** Place of what was bought among the set's products. */
  taken: number;
}

/** Choices of a window, one by one. */
function choicesOf({ cells }: WindowChoices, weight: number): Choice[] {
  return cells.flatMap(({ set, levels, taken }) =>
    [...taken].flatMap((count, place) =>
      Array.from({ length: Math.round(count / weight) }, () => ({ set, levels, taken: place })),
    ),
  );
}

/** Customers who hold something in the columns: the others are served by popular products. */
function served(evaluationSet: EvaluationSet): EvaluationSet {
  const products = evaluationSet.table.table.columns.length - evaluationSet.table.table.pseudoColumns;
  const cases = evaluationSet.cases.cases.filter(({ basket }) => basket.some(({ column }) => column < products));
  return { ...evaluationSet, cases: { ...evaluationSet.cases, cases } };
}

/** Scores by product that the logit gives a choice's candidates. */
function logitScores(
  { spec }: LearnedPurchases,
  members: readonly MemberCandidate[],
  { codes }: ProductNumbers,
  { sets }: WindowChoices,
  { set, levels }: Choice,
): number[] {
  const { products, scores, tier = 0 } = sets[set]!;
  const weights = members.map((member) => {
    const found = spec.members.find(({ model }) => JSON.stringify(model) === JSON.stringify(member.spec));
    return found?.byTier?.[tier] ?? found?.weight ?? 0;
  });
  return Array.from(products, (product, row) => {
    const said = weights.reduce((sum, weight, k) => sum + weight * scores[row * weights.length + k]!, 0);
    return levels.reduce((sum, level) => sum + (spec.effects[level]?.[codes[product]!] ?? 0), said);
  });
}

function ndcgOf(scores: readonly number[], taken: number): number {
  const rank = scores.reduce(
    (better, score, at) => better + (score > scores[taken]! || (score === scores[taken] && at < taken) ? 1 : 0),
    1,
  );
  return rank > 5 ? 0 : 1 / Math.log2(rank + 1);
}

/** NDCG@5 of each choice of a test window, of ours and of LightGBM's. */
async function compareOn(file: string, test: EvaluationWindow, campaign: string, folder: string) {
  const settings = await loadConfig(file);
  const { config } = settings;
  const bandWeights = config.recency.bands.map(({ weight }) => weight);
  const plan = withoutColumns(planCampaigns(config).find(({ name }) => name === campaign)!);
  return withSnapshotAt(settings, test.at, { tableDate: config.reference_date! }, async ({ pool, snapshot, contexts }) => {
    const windows = [test, ...evaluationWindows(test.at, config.evaluate.window, config.evaluate.gap, inner)];
    const ranking = rankingFeatures((await contexts?.at(windows[1]!.at)) ?? null);
    const [learner, numbers] = [new PurchaseLearner(pool, ranking), new ProductNumbers()];
    let members: MemberCandidate[] = [];
    const found: { choices: Choice[]; window: WindowChoices; weight: number }[] = [];
    for (const [k, window] of windows.entries()) {
      const mark = pool.memory.mark();
      const bank = await loadBankAt(pool, recordsOf(snapshot, config), config, [plan], window, {});
      const known = (await contexts?.at(window.at)) ?? null;
      const evaluationSet = served(await makeEvaluationSet(pool, bank, plan, bandWeights, known));
      const [levelsOf, weight] = [customerLevels(known), k === 0 ? 1 : fading ** (k - 1)];
      if (k === 0) members = memberCandidates(evaluationSet.table.table.columns.length, true);
      const models = k === 0 ? await fitMembers(evaluationSet, members) : await learner.add({ evaluationSet, levelsOf, weight });
      const choices = await windowChoices(evaluationSet, models, numbers, levelsOf, weight, most);
      found.push({ choices: choicesOf(choices, weight), window: choices, weight });
      pool.memory.release(mark);
    }
    const about = {
      ...{ members: members.length, features: ranking?.features.length ?? 0 },
      windows: found.map(({ choices, window: { sets }, weight }) => ({
        ...{ choices, weight },
        sets: sets.map(({ products, scores }) => ({ products: [...products], scores: [...scores] })),
      })),
    };
    const data = join(folder, 'windows.json');
    await writeFile(data, JSON.stringify(about));
    const python = pythonWith('lightgbm', packages);
    const answer = execFileSync(python, [join(import.meta.dirname, 'lambdarank.py'), data], {
      maxBuffer: 2 ** 28,
      encoding: 'utf8',
    });
    const { scores, ...chosen } = JSON.parse(answer) as { scores: number[] };
    console.error(`${test.at}: ${found[0]!.choices.length} purchases, LightGBM chose ${JSON.stringify(chosen)}`);
    const [learned] = learner.learn('all');
    let at = 0;
    return found[0]!.choices.map((choice) => {
      const from = at;
      at += found[0]!.window.sets[choice.set]!.products.length;
      const ours = logitScores(learned, members, numbers, found[0]!.window, choice);
      return { ours: ndcgOf(ours, choice.taken), theirs: ndcgOf(scores.slice(from, at), choice.taken) };
    });
  });
}

const { values, positionals: names } = parseArgs({
  // of the sample: LightGBM's grid takes hours with many more
  options: { customers: { type: 'string', default: '10000' } },
  allowPositionals: true,
});
const rows: (string | number)[][] = [];
const folder = await mkdtemp(join(tmpdir(), 'basketwise-lambdarank-'));
try {
  for (const name of names.length > 0 ? names : ['berka', 'sample']) {
    const source = banksOf(name, [0], Number(values.customers))[0]!;
    const place = join(folder, name);
    await mkdir(place);
    await source.write(place);
    const file = await writeConfig(place, source, 'out', false);
    const { window, gap, windows } = (await loadConfig(file)).config.evaluate;
    const pairs: { ours: number; theirs: number }[] = [];
    for (const test of evaluationWindows(source.reference, window, gap, windows))
      pairs.push(...(await compareOn(file, test, source.campaigns[0]!.name, place)));
    const [ours, theirs] = [Float64Array.from(pairs, (pair) => pair.ours), Float64Array.from(pairs, (pair) => pair.theirs)];
    const [own, other, gapOf] = bootstrap([ours, theirs, difference(ours, theirs)], { resamples: 2000, seed: 0 });
    const interval = `${gapOf!.mean.toFixed(4)} (${gapOf!.low.toFixed(4)} .. ${gapOf!.high.toFixed(4)})`;
    rows.push([name, pairs.length, fixed(own!.mean, 4), fixed(other!.mean, 4), interval]);
  }
} finally {
  await rm(folder, { recursive: true });
}
record({
  title: 'Weights by lambdarank',
  about:
    "The conditional logit of next-purchase models against LightGBM's lambdarank, on the same choices, component scores, features and windows: NDCG@5 of each purchase, by the customers with a holding. " +
    "LightGBM's grid is tuned on the newest inner window; ours chooses its ridge there.",
  tables: [{ columns: ['set', 'purchases', 'ours', 'LightGBM', 'difference (95 %)'], rows }],
  peers: { lightgbm: '4.7.0' },
});
