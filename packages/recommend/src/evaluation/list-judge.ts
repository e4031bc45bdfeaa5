import { longestList, type Model, required } from '@basketwise/core';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import { tableOfSome } from '../campaigns/baskets.ts';
import { type ScoredCampaign, type ScoringTools, scoreCampaign } from '../campaigns/score.ts';
import type { CampaignModels } from '../campaigns/train.ts';
import type { BankAt } from './bank-at.ts';
import type { EvaluationSet } from './campaign-side.ts';
import { ranksInList, type TargetRanks } from './metrics.ts';

/** Results of the lists that the job would publish on a date to the test customers of a campaign. */
export interface TestedLists {
  /** Ranks of each case's targets in the customer's list, in the order of the cases. */
  outcomes: TargetRanks[];
  /** Number of lists with each product among the first five entries, by group key. */
  named: ReadonlyMap<string, number>;
}

/**
 * Resources and settings for making lists. The maximum list length is at least the largest number in `at`. The first entries of a longer list are
 * those of the shorter list.
 */
export function listTools(
  { top_n: topN, fallback, rules }: BankSettings,
  pool: ScoringTools['pool'],
  at: readonly number[],
): ScoringTools {
  return { pool, topN: Math.min(longestList, Math.max(topN, ...at)), fallback, rules, reasons: false };
}

/** Wraps one model as the models of a campaign, for all clusters. */
export function oneModel(model: Model): CampaignModels {
  return { kind: model.kind as CampaignModels['kind'], byCluster: new Map(), all: model };
}

/** Makes the lists of the test customers of an evaluation set, with the same code as published lists. Then finds the targets in them. */
export class ListJudge {
  readonly #tools: ScoringTools;
  readonly #bank: BankAt;
  readonly #evaluationSet: EvaluationSet;
  readonly #table: EvaluationSet['table'];

  constructor(tools: ScoringTools, bank: BankAt, evaluationSet: EvaluationSet) {
    this.#tools = tools;
    this.#bank = bank;
    this.#evaluationSet = evaluationSet;
    this.#table = tableOfSome(
      evaluationSet.table,
      evaluationSet.cases.cases.map(({ customer }) => customer),
    );
  }

  async judge(models: CampaignModels): Promise<TestedLists> {
    const scored = await scoreCampaign(this.#tools, this.#bank, this.#table, models);
    return { outcomes: this.#outcomes(scored), named: this.#named(scored) };
  }

  #outcomes({ results: { unit, units } }: ScoredCampaign): TargetRanks[] {
    const { columns, recommended } = { columns: this.#table.table.columns, ...this.#table.columns };
    return this.#evaluationSet.cases.cases.map(({ customer, targets }) => {
      const row = unit[customer]!;
      const list = row < 0 ? [] : Array.from(units.product.subarray(units.start[row]!, units.start[row + 1]!));
      return ranksInList(
        list,
        targets.map((column) => required(recommended, columns[column]!)),
      );
    });
  }

  #named({ results: { unit, units } }: ScoredCampaign): Map<string, number> {
    const named = new Map<string, number>();
    for (const { customer } of this.#evaluationSet.cases.cases) {
      const row = unit[customer]!;
      if (row < 0) continue;
      const to = Math.min(units.start[row + 1]!, units.start[row]! + 5);
      for (const product of units.product.subarray(units.start[row]!, to)) {
        const { groupKey } = this.#bank.products[product]!;
        named.set(groupKey, (named.get(groupKey) ?? 0) + 1);
      }
    }
    return named;
  }
}
