import { CsrBuilder, noDate } from '@basketwise/core';
import {
  type BankOfWindow,
  bandCutoffs,
  daysSinceEpoch,
  type EvaluationWindow,
  type GroupedBanks,
  holdersByProduct,
} from '@basketwise/core/advice';
import { type CampaignPlan, planCampaigns } from '../config/campaign-plan.ts';
import { readJson } from '../run/files.ts';
import type { RunContext } from '../stages/run-context.ts';
import { acquisitionsOf, cellsOf } from './acquired-cells.ts';
import { entriesOf } from './basket-text.ts';
import { type LearningFacts, learningFile } from './fetch-learning.ts';
import { learnedMonths, windowsBefore, windowsFile } from './learning-dates.ts';

/** A group of customers of a window. */
interface WindowCell {
  state: string;
  added: string;
  skipped: string;
  customers: number;
}

/** Banks of the windows, from the cells that were fetched; in kernel memory until the caller releases them. */
export function windowBanks(context: RunContext): GroupedBanks {
  const plans = planCampaigns(context.settings.config);
  return async (window, { size, seed }) => {
    const facts = (await readJson<LearningFacts>(context.folder.file(learningFile)))!;
    const sample = facts.samples.findIndex((one) => one.size === size && one.seed === seed);
    const w = windowsBefore(context.settings.config, context.referenceDate).findIndex(({ at }) => at === window.at);
    return await windowBank(context, plans, { window, sample, w, facts });
  };
}

interface Wanted {
  window: EvaluationWindow;
  sample: number;
  w: number;
  facts: LearningFacts;
}

async function windowBank(
  context: RunContext,
  plans: readonly CampaignPlan[],
  { window, sample, w, facts }: Wanted,
): Promise<BankOfWindow> {
  const products = await (await context.snapshot()).products();
  const pool = await context.pool();
  const cells = await readCells(context, `sample = ${sample} AND w = ${w}`, facts.samples[sample]!.customers);
  const cutoffs = bandCutoffs(context.settings.config, window.at);
  const dayOf = [...cutoffs, noDate];
  const day = daysSinceEpoch(window.at);
  const builder = new CsrBuilder({ pool, customers: cells.length, products: products.length, referenceDay: day, cutoffs });
  const holds = new Map(plans.map((plan) => [plan.class, new Uint8Array(cells.length)]));
  const holdsOf = holdersByProduct(products, holds);
  for (const [i, { state }] of cells.entries()) {
    const entries = entriesOf(state);
    for (const { column } of entries) for (const flags of holdsOf[column]!) flags[i] = 1;
    builder.add({
      customer: new Int32Array(entries.length).fill(i),
      product: Int32Array.from(entries, ({ column }) => column),
      days: Int32Array.from(entries, ({ band }) => dayOf[band]!),
    });
  }
  const csr = await builder.finish();
  const acquired = await cellsOf(context, `campaign IS NULL AND sample = ${sample} AND w = ${w}`);
  const held = facts.firstHeld.filter(({ first }) => first === null || first <= day);
  const known = new Set(held.map(({ product }) => products[product]!.groupKey));
  return {
    ...{ window, customers: cells.length, products, csr, holds, clusters: new Map(), eligible: [], plans },
    absent: undefined,
    weight: Uint32Array.from(cells, ({ customers }) => customers),
    acquisitions: acquisitionsOf(acquired, window.at, learnedMonths),
    known: Uint8Array.from(products, ({ groupKey }) => (known.has(groupKey) ? 1 : 0)),
    added: taken(cells, 'added'),
    skipped: taken(cells, 'skipped'),
  };
}

/** Products that cells took, by cell. */
function taken(cells: readonly WindowCell[], when: 'added' | 'skipped'): Map<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  for (const [i, cell] of cells.entries()) if (cell[when] !== '') found.set(i, cell[when].split(',').map(Number));
  return found;
}

/** The cells of a window, those who hold and took nothing among them: no holding tells of them. */
async function readCells(context: RunContext, where: string, customers: number): Promise<WindowCell[]> {
  const { engine } = await context.snapshot();
  const file = `read_parquet(${engine.dialect.text(context.folder.file(windowsFile))})`;
  const sql = `SELECT state, added, skipped, customers FROM ${file} WHERE ${where} ORDER BY ALL`;
  const cells: WindowCell[] = [];
  let others = customers;
  for await (const { rows, columns } of engine.query(sql, { signal: context.signal, place: windowsFile })) {
    const [state, added, skipped] = ['state', 'added', 'skipped'].map((name) => columns[name] as readonly string[]);
    const counts = columns.customers as BigInt64Array;
    for (let i = 0; i < rows; i++) {
      cells.push({ state: state![i]!, added: added![i]!, skipped: skipped![i]!, customers: Number(counts[i]) });
      others -= Number(counts[i]);
    }
  }
  if (others > 0) cells.push({ state: '', added: '', skipped: '', customers: others });
  return cells;
}
