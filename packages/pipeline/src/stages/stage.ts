import type { Config } from '../config/schema.ts';
import type { Given, StageInputs } from './made-of.ts';
import type { Night } from './night.ts';
import type { Done, LiveResult } from './stage-result.ts';

/** Stage of the job. Each has its own file; `stages.ts` lists them in order. */
export interface Stage<Summary, Live = undefined> {
  /** Name in records, options and reports. */
  name: string;
  /** Whether the job of a config has it. Absent: always. */
  when?(config: Config): boolean;
  /** Summary for jobs without the stage. */
  without?: Summary;
  /**
   * Inputs of its work: parts of the config and of earlier runs, besides program, data and date. Stages of two runs with equal
   * inputs produce the same bytes.
   * Absent: the stage is never taken from another run.
   */
  madeOf?(given: Given, one: string): StageInputs | Promise<StageInputs>;
  /** Key of all its inputs besides data, config and code. Computed before and after the work. */
  key?(night: Night): Promise<string>;
  /** Whether another run's result of the same inputs is accepted. Absent: it is. */
  accepts?(summary: Summary, config: Config): boolean;
  /** Does the work of the stage. @param one the name, for a stage that runs once per name */
  work(night: Night, results: Results, one: string): Promise<LiveResult<Summary, Live>>;
  /** Whether several later stages use `live`, so that it stays in memory. Absent: one does, and `live` is then released. */
  isShared?: true;
  /** Restores `live` from the files. */
  read?(summary: Summary, night: Night): Promise<Live>;
  /** Called at the end of each run, whether or not the stage was skipped. */
  after?(summary: Summary, night: Night): Promise<void>;
}

/** Stage that runs once for each of several names, with a record for each. */
export interface EachStage<Summary, Live = undefined> extends Stage<Summary, Live> {
  each(config: Config): readonly string[];
}

/** Results of the stages so far. */
export interface Results {
  /** Result of an earlier stage. @throws AppError bug for a later stage */
  of<Summary, Live>(stage: Stage<Summary, Live>): Done<Summary, Live>;
  /** Results of a stage that runs once per name, in the order of the names. */
  each<Summary, Live>(stage: EachStage<Summary, Live>): readonly Done<Summary, Live>[];
}

/** Any stage. */
export type AnyStage = Stage<unknown, unknown> | EachStage<unknown, unknown>;

/**
 * Names under which a stage runs: its own name, or `STAGE-ITEM` for each item that it runs for. Empty if the config does not need
 * the stage.
 */
export function namesOfStage(stage: AnyStage, config: Config): readonly { name: string; one: string }[] {
  if (stage.when && !stage.when(config)) return [];
  return 'each' in stage
    ? stage.each(config).map((one) => ({ name: `${stage.name}-${one}`, one }))
    : [{ name: stage.name, one: '' }];
}
