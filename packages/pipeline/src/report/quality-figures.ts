import { join } from 'node:path';
import { readShaped } from '@basketwise/data/files';
import { sixDecimals } from './figures.ts';
import { publishedScores } from './published-scores.ts';
import {
  type ComparedFigures,
  type EvaluationFigures,
  evaluationShape,
  type TuningFigures,
  tuningShape,
} from './quality-shapes.ts';
import { flatParameters } from './quality-text.ts';

/** Figures of the last evaluation and the last tuning in an output folder. `evaluation` or `tuning` is null if its file is absent. */
export type QualityFigures = Awaited<ReturnType<typeof readQuality>>;

/** Reads evaluation.json and tune.json of an output folder. Files that are damaged or of another version count as absent, with a warning. */
export async function readQuality(output: string, warn: (warning: string) => void) {
  const absent = (problem: string) => warn(`${problem}: it counts as absent`);
  const evaluation = await readShaped(join(output, 'evaluation.json'), evaluationShape, absent);
  const tuning = await readShaped(join(output, 'tune.json'), tuningShape, absent);
  return {
    evaluation: evaluation ? evaluationFigures(evaluation) : null,
    tuning: tuning ? tuningFigures(tuning) : null,
  };
}

const rounded = <T extends Readonly<Record<'mean' | 'low' | 'high', number>>>(interval: T | null) =>
  interval && { ...interval, mean: sixDecimals(interval.mean), low: sixDecimals(interval.low), high: sixDecimals(interval.high) };

function comparedFigures({ name, metrics, ndcg, interval, minusPopularity, minusBest }: ComparedFigures) {
  return {
    name,
    metrics: Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, sixDecimals(value)])),
    ndcg: sixDecimals(ndcg),
    interval: rounded(interval),
    minusPopularity: rounded(minusPopularity),
    minusBest: rounded(minusBest),
  };
}

function evaluationFigures({ windows, probabilities, pooled, campaigns }: EvaluationFigures) {
  return {
    windows,
    probabilities: probabilities && publishedScores(probabilities),
    pooled: pooled.map((pool) => ({ ...pool, models: pool.models.map(comparedFigures) })),
    campaigns: campaigns.map(({ campaign, targets, tested, models, breakdowns, notes, withoutHistory, unknown }) => ({
      ...{ campaign, targets, tested, withoutHistory, unknown, notes },
      models: models.map(comparedFigures),
      breakdowns: breakdowns.map(({ groups, ...breakdown }) => ({
        ...breakdown,
        groups: groups.map((group) => ({ ...group, models: group.models.map(comparedFigures) })),
      })),
    })),
  };
}

function tuningFigures({ window, metric, campaigns }: TuningFigures) {
  return {
    window,
    metric,
    campaigns: campaigns.map(({ campaign, tested, current, trials, evidence }) => ({
      campaign,
      tested,
      trials: trials.length,
      current: current === null ? null : sixDecimals(current),
      best: trials[0]
        ? { parameters: Object.fromEntries(flatParameters(trials[0].parameters)), score: sixDecimals(trials[0].score) }
        : null,
      minusCurrent: rounded(evidence?.minusCurrent ?? null),
      minusPopularity: rounded(evidence?.minusPopularity ?? null),
    })),
  };
}
