import { join } from 'node:path';
import type { ComparedModel } from '../evaluation/compare-models.ts';
import { type EvaluationFile, evaluationVersion } from '../evaluation/evaluate.ts';
import { readJson } from '../run/files.ts';
import { publishedCount } from '../segments/published-count.ts';
import { flatParameters } from '../tuning/search-space.ts';
import { type TuningReport, tuningVersion } from '../tuning/tune.ts';
import { round } from './figures.ts';

/** What the report tells of the last evaluation and the last tuning of this output folder; null where there is none. */
export type QualityFigures = Awaited<ReturnType<typeof readQuality>>;

/** Reads evaluation.json and tune.json of an output folder; files of another version count as absent. */
export async function readQuality(output: string) {
  const evaluation = await readJson<EvaluationFile>(join(output, 'evaluation.json'));
  const tuning = await readJson<TuningReport>(join(output, 'tune.json'));
  return {
    evaluation: evaluation?.version === evaluationVersion ? evaluationFigures(evaluation) : null,
    tuning: tuning?.version === tuningVersion ? tuningFigures(tuning) : null,
  };
}

const rounded = <T extends Readonly<Record<'mean' | 'low' | 'high', number>>>(interval: T | null) =>
  interval && { ...interval, mean: round(interval.mean), low: round(interval.low), high: round(interval.high) };

function comparedFigures({ name, metrics, ndcg, interval, minusPopularity, minusBest }: ComparedModel) {
  return {
    name,
    metrics: Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, round(value)])),
    ndcg: round(ndcg),
    interval: rounded(interval),
    minusPopularity: rounded(minusPopularity),
    minusBest: rounded(minusBest),
  };
}

function evaluationFigures({ windows, pooled, campaigns }: EvaluationFile) {
  return {
    windows,
    pooled: pooled.map((pool) => ({ ...pool, models: pool.models.map(comparedFigures) })),
    campaigns: campaigns.map(({ campaign, targets, tested, models, breakdowns, clusters, notes }) => ({
      ...{ campaign, targets, tested, notes },
      clusters: clusters && { ...clusters, difference: rounded(clusters.difference) },
      models: models.map(comparedFigures),
      breakdowns: breakdowns.map(({ groups, ...breakdown }) => ({
        ...breakdown,
        groups: groups.map((group) => ({ ...group, models: group.models.map(comparedFigures) })),
      })),
    })),
  };
}

function tuningFigures({ window, metric, campaigns }: TuningReport) {
  return {
    window,
    metric,
    campaigns: campaigns.map(({ campaign, tested, current, trials, evidence }) => ({
      campaign,
      tested: publishedCount(tested),
      trials: trials.length,
      current: current === null ? null : round(current),
      best: trials[0]
        ? { parameters: Object.fromEntries(flatParameters(trials[0].parameters)), score: round(trials[0].score) }
        : null,
      minusCurrent: rounded(evidence?.minusCurrent ?? null),
      minusPopularity: rounded(evidence?.minusPopularity ?? null),
    })),
  };
}
