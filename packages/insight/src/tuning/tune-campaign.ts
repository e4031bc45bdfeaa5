import { familiesOf, fitFamily, fitSpec, type Model, type ModelSpec, mean, required, shortenedSpec } from '@basketwise/core';
import {
  type BankAt,
  type CaseSet,
  type EvaluationSet,
  hash,
  ListJudge,
  oneModel,
  type ScoringTools,
  type TargetRanks,
} from '@basketwise/recommend';
import { leastSweeps, type Rung, type TrialParameters } from './search-space.ts';

import type { TrialsFile, TuningTrial } from './trials-file.ts';

/** Function that computes the metric by which trials are compared, for one test customer. */
export type Score = (outcome: TargetRanks) => number;

/** Training rows for trials, and test customers with history. Trials make the lists that a run would publish. */
export interface TuningSet extends EvaluationSet {
  bank: BankAt;
  /** Functions that make lists long enough for the metric. */
  scoring: ScoringTools;
}

/** Data and functions for the trials of a campaign. */
export interface CampaignSearch {
  campaign: string;
  /** Returns the spec of a trial's model. */
  specOf: (parameters: TrialParameters) => ModelSpec;
  evaluationSet: TuningSet;
  rungs: readonly Rung[];
  score: Score;
  kept: TrialsFile;
  signal?: AbortSignal | undefined;
  /** Called after each trial. `fresh` is false if the trial came from the file. */
  onTrial: (fresh: boolean) => void;
}

const seedOfShares = 505;

/** Values of the metric for one model: one for each test customer. */
export async function valuesOfCases(evaluationSet: TuningSet, spec: ModelSpec, score: Score): Promise<Float64Array> {
  return valuesBy(judgeOf(evaluationSet, evaluationSet.cases), await fitSpec(evaluationSet.data, spec), score);
}

function judgeOf(evaluationSet: TuningSet, cases: CaseSet): ListJudge {
  return new ListJudge(evaluationSet.scoring, evaluationSet.bank, { ...evaluationSet, cases });
}

async function valuesBy(judge: ListJudge, model: Model, score: Score): Promise<Float64Array> {
  return Float64Array.from((await judge.judge(oneModel(model))).outcomes, score);
}

/** Share of the test customers, selected by a hash. A smaller share is part of a larger one. */
function someCases(set: CaseSet, share: number): CaseSet {
  if (share === 1) return set;
  return { ...set, cases: set.cases.filter(({ customer }) => hash(customer, seedOfShares) < share * 2 ** 32) };
}

/**
 * Runs the trials of a campaign in rounds. Only the best trials of a round continue in the next round. Returns all trials: first
 * the trials of the last round, then those that ended in the round before it, and so on. Within a round, trials are sorted by
 * score, best first (ties: in the order of the grid).
 */
export async function tuneCampaign(search: CampaignSearch, grid: readonly TrialParameters[]): Promise<TuningTrial[]> {
  const { campaign, evaluationSet, rungs, score, kept } = search;
  let left = grid;
  let ended: TuningTrial[] = [];
  for (const [round, { share }] of rungs.entries()) {
    const judge = judgeOf(evaluationSet, someCases(evaluationSet.cases, share));
    const trials: TuningTrial[] = [];
    const specOf = (parameters: TrialParameters) => {
      const spec = search.specOf(parameters);
      return share === 1 ? spec : shortenedSpec(spec, share, leastSweeps);
    };
    const waiting = left.filter((parameters) => kept.scoreOf(campaign, parameters, share) === undefined);
    const families = familiesOf(waiting.map(specOf));
    const ahead = new Map<TrialParameters, Model>();
    for (const parameters of left) {
      search.signal?.throwIfAborted();
      let reached = kept.scoreOf(campaign, parameters, share);
      const fresh = reached === undefined;
      if (reached === undefined) {
        const place = waiting.indexOf(parameters);
        if (!ahead.has(parameters)) {
          const { specs, places } = families.find((family) => family.places.includes(place))!;
          for (const [i, model] of (await fitFamily(evaluationSet.data, specs)).entries()) ahead.set(waiting[places[i]!]!, model);
        }
        reached = mean(await valuesBy(judge, required(ahead, parameters), score));
        ahead.delete(parameters);
        await kept.add({ campaign, parameters, share, score: reached });
      }
      trials.push({ campaign, parameters, share, score: reached });
      search.onTrial(fresh);
    }
    trials.sort((a, b) => b.score - a.score);
    const next = trials.slice(0, rungs[round + 1]?.trials ?? 0).map(({ parameters }) => parameters);
    left = left.filter((parameters) => next.includes(parameters));
    ended = [...trials, ...ended.filter(({ parameters }) => !trials.some((trial) => trial.parameters === parameters))];
  }
  return ended;
}
