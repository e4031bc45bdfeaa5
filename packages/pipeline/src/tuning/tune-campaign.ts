import type { Model } from '@basketwise/core';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import type { CampaignSide } from '../evaluation/campaign-side.ts';
import { type CaseSet, outcomes } from '../evaluation/case-outcomes.ts';
import { hash } from '../evaluation/hash.ts';
import type { Outcome } from '../evaluation/metrics.ts';
import { fitAlsSpec, fitSpec } from '../models/fit-spec.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import { type Rung, shortened } from './halving.ts';
import { specOfTrial, type TrialParameters } from './search-space.ts';
import type { TrialsFile, TuningTrial } from './trials-file.ts';

/** The metric that trials are compared by. */
export type Score = (outcome: Outcome) => number;

/** How the trials of a campaign run. */
export interface CampaignSearch {
  plan: CampaignPlan;
  side: CampaignSide;
  rungs: readonly Rung[];
  score: Score;
  kept: TrialsFile;
  signal?: AbortSignal | undefined;
  /** Hears of every finished trial; `fresh` unless it was resumed. */
  onTrial: (fresh: boolean) => void;
}

const seedOfShares = 505;

/** The values of a model's test customers, one each. */
export async function valuesOf(side: CampaignSide, cases: CaseSet, spec: ModelSpec, score: Score): Promise<Float64Array> {
  return Float64Array.from(outcomes(await fitSpec(side.data, spec), cases), score);
}

export function mean(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A share of the customers, by hash: those of a smaller share are among those of a larger one. */
function someCases(set: CaseSet, share: number): CaseSet {
  if (share === 1) return set;
  return { ...set, cases: set.cases.filter(({ customer }) => hash(customer, seedOfShares) < share * 2 ** 32) };
}

/** Specs that are one fit, and their places among all. */
interface Family {
  specs: ModelSpec[];
  places: number[];
}

/** ALS specs that differ by their iterations alone are a family: the one with most passes by the others. Every other spec is one of its own. */
function familiesOf(specs: readonly ModelSpec[]): Family[] {
  const families = new Map<string, Family>();
  for (const [place, spec] of specs.entries()) {
    const key = spec.kind === 'als' ? JSON.stringify({ ...spec, iterations: 0 }) : String(place);
    const family = families.get(key) ?? { specs: [], places: [] };
    family.specs.push(spec);
    family.places.push(place);
    families.set(key, family);
  }
  return [...families.values()];
}

async function fitFamily({ data }: CampaignSide, specs: readonly ModelSpec[]): Promise<Model[]> {
  const als = specs.filter((spec) => spec.kind === 'als');
  if (als.length < 2) return [await fitSpec(data, specs[0]!)];
  return fitAlsSpec(
    data,
    als[0]!,
    als.map(({ iterations }) => iterations),
  );
}

/** Runs a campaign's trials, round by round: the best of each round go on. Best first: whole trials, then the later rounds; ties: the grid's order. */
export async function tuneCampaign(search: CampaignSearch, grid: readonly TrialParameters[]): Promise<TuningTrial[]> {
  const { plan, side, rungs, score, kept } = search;
  let left = grid;
  let ended: TuningTrial[] = [];
  for (const [round, { share }] of rungs.entries()) {
    const cases = someCases(side.cases, share);
    const trials: TuningTrial[] = [];
    const specOf = (parameters: TrialParameters) => {
      const spec = specOfTrial(plan.model, parameters);
      return share === 1 ? spec : shortened(spec, share);
    };
    const waiting = left.filter((parameters) => kept.scoreOf(plan.name, parameters, share) === undefined);
    const families = familiesOf(waiting.map(specOf));
    const ahead = new Map<TrialParameters, Model>();
    for (const parameters of left) {
      search.signal?.throwIfAborted();
      let reached = kept.scoreOf(plan.name, parameters, share);
      const fresh = reached === undefined;
      if (reached === undefined) {
        const place = waiting.indexOf(parameters);
        if (!ahead.has(parameters)) {
          const { specs, places } = families.find((family) => family.places.includes(place))!;
          for (const [i, model] of (await fitFamily(side, specs)).entries()) ahead.set(waiting[places[i]!]!, model);
        }
        reached = mean(Float64Array.from(outcomes(ahead.get(parameters)!, cases), score));
        ahead.delete(parameters);
        await kept.add({ campaign: plan.name, parameters, share, score: reached });
      }
      trials.push({ campaign: plan.name, parameters, share, score: reached });
      search.onTrial(fresh);
    }
    trials.sort((a, b) => b.score - a.score);
    const next = trials.slice(0, rungs[round + 1]?.trials ?? 0).map(({ parameters }) => parameters);
    left = left.filter((parameters) => next.includes(parameters));
    ended = [...trials, ...ended.filter(({ parameters }) => !trials.some((trial) => trial.parameters === parameters))];
  }
  return ended;
}
