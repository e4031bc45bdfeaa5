import { AppError, bug, exitCodes, type PlainDate } from '@basketwise/core';
import type { FileRecord } from '@basketwise/data/base';
import { z } from 'zod';
import { publicSummary, type RunReport } from '../report/run-report.ts';
import { StageReached } from '../run/run-folder.ts';
import type { StageState } from '../run/run-state.ts';

const countOrNull = z.int().min(0).nullable();

/** Schema of the file `output.results`, which says how a run ended. Numbers of customers are rounded down to tens. Numbers of 1 to 9 are null. */
const runResultsSchema = z.strictObject({
  version: z.literal(1),
  /** Name of the run folder. Null if the run failed before it had a folder. */
  run: z.string().nullable(),
  referenceDate: z.string(),
  status: z.enum(['finished', 'failed', 'stopped']),
  exitCode: z.int(),
  /** Error that ended the run, with its kind; null if the run ended without an error. */
  error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  seconds: z.number().min(0),
  /** Absolute path of the run's folder. */
  folder: z.string().nullable(),
  stages: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['running', 'done', 'skipped', 'taken', 'failed']),
      /** For a taken stage, the run from which its result comes. */
      from: z.string().optional(),
      seconds: z.number().min(0),
      /** Peak resident memory of the process so far, in MiB. */
      peakMemory: z.number().min(0),
    }),
  ),
  warnings: z.array(z.string()),
  campaigns: z.array(
    z.strictObject({
      campaign: z.string(),
      targets: countOrNull,
      served: countOrNull,
      rows: countOrNull,
      /** Number of recommendable products. */
      recommendable: z.int().min(0),
      /** Number of products in at least one list. */
      appearing: z.int().min(0),
      model: z.string(),
      /** Comparison with the best popularity baseline. Null if too few customers purchased. */
      verdict: z
        .strictObject({
          verdict: z.enum(['better', 'level', 'worse', 'unknown']),
          against: z.string(),
          /** Mean NDCG@5 of the lists. */
          ndcg: z.number(),
          /** Mean difference of NDCG@5 from the baseline, with its 95 % interval (`low`, `high`). */
          difference: z.number(),
          low: z.number(),
          high: z.number(),
        })
        .nullable(),
    }),
  ),
  /** Published files, with paths relative to the run folder. */
  files: z.array(z.strictObject({ file: z.string(), bytes: z.int().min(0), sha256: z.string().length(64) })),
});

/** Content of the file `output.results`. */
export type RunResults = z.output<typeof runResultsSchema>;

/** JSON Schema (draft 2020-12) of the file `output.results`. */
export function runResultsJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(runResultsSchema), title: 'Basketwise run results' };
}

/** Facts about a run that are known at its end. */
export interface EndedRun {
  referenceDate: PlainDate;
  startedAt: Date;
  endedAt: Date;
  /** Name and absolute path of the run folder; null if the run failed before it had one. */
  run: { name: string; folder: string } | null;
  stages: readonly StageState[];
  warnings: readonly string[];
  files: readonly FileRecord[];
  /** Report of a successful run, or the error that ended the run. */
  outcome: { report: RunReport } | { error: unknown };
}

/** Content of the file `output.results` for a run that has ended. */
export function runResults({ referenceDate, startedAt, endedAt, run, stages, warnings, files, outcome }: EndedRun): RunResults {
  const seconds = Math.round((endedAt.getTime() - startedAt.getTime()) / 10) / 100;
  return {
    ...{ version: 1, run: run?.name ?? null, referenceDate, ...endOf(outcome) },
    ...{ startedAt: startedAt.toISOString(), endedAt: endedAt.toISOString(), seconds, folder: run?.folder ?? null },
    stages: stages.map(({ name, status, from, seconds: took, peakMemory }) => ({
      ...{ name, status, ...(from !== undefined && { from }), seconds: took, peakMemory },
    })),
    warnings: [...warnings],
    campaigns: 'report' in outcome ? campaignsOf(outcome.report) : [],
    files: files.filter(({ file }) => file.startsWith('recommendations.')).map((file) => ({ ...file })),
  };
}

function endOf(outcome: EndedRun['outcome']): Pick<RunResults, 'status' | 'exitCode' | 'error'> {
  if ('report' in outcome) return { status: 'finished', exitCode: 0, error: null };
  const { error } = outcome;
  if (error instanceof StageReached) return { status: 'stopped', exitCode: 0, error: null };
  // The message of any other error is left out, because it may quote data of the bank.
  const { code, message, hint } = error instanceof AppError ? error : bug('internal error');
  const isStopped = code === 'interrupted' || code === 'terminated';
  return { status: isStopped ? 'stopped' : 'failed', exitCode: exitCodes[code], error: { code, message, hint } };
}

function campaignsOf(report: RunReport): RunResults['campaigns'] {
  return publicSummary(report).campaigns.map(({ campaign, targets, served, rows, recommendable, appearing, model, verdict }) => ({
    ...{ campaign, targets, served, rows, recommendable, appearing, model: model.kind },
    verdict: verdict && {
      ...{ verdict: verdict.verdict, against: verdict.against, ndcg: verdict.ndcg },
      ...{ difference: verdict.gap.mean, low: verdict.gap.low, high: verdict.gap.high },
    },
  }));
}
