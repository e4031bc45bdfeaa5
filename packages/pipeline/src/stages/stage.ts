import type { Config } from '../config/schema.ts';
import type { Given, StageInputs } from './made-of.ts';
import type { Night } from './night.ts';
import type { Done, LiveResult } from './stage-result.ts';

/** A stage of the job. Each has its own file; `stages.ts` lists them in order. */
export interface Stage<Summary, Live = undefined> {
  /** Name in records, options and reports. */
  name: string;
  /** Whether the job of a config has it; absent: always. */
  when?(config: Config): boolean;
  /** Its summary in a job without it. */
  without?: Summary;
  /**
   * The parts of the config and of earlier runs that its work depends on, besides program, data and date: stages of two runs with equal
   * inputs produce the same bytes. Absent: the stage is never taken from another run.
   */
  madeOf?(given: Given, one: string): StageInputs | Promise<StageInputs>;
  /** Key of all its inputs besides data, config and code; computed before and after the work. */
  key?(night: Night): Promise<string>;
  /** Whether another run's result of the same inputs is accepted; absent: it is. */
  accepts?(summary: Summary, config: Config): boolean;
  /** Does its work. @param one the name, for a stage that runs once per name */
  work(night: Night, results: Results, one: string): Promise<LiveResult<Summary, Live>>;
  /** Whether several later stages use `live`: it stays in memory. Absent: one does, and it is released. */
  isShared?: true;
  /** Restores `live` from the files. */
  read?(summary: Summary, night: Night): Promise<Live>;
  /** Called at the end of each run, whether the stage was skipped or not. */
  after?(summary: Summary, night: Night): Promise<void>;
}

/** A stage that runs once for each of several names, with a record for each. */
export interface EachStage<Summary, Live = undefined> extends Stage<Summary, Live> {
  each(config: Config): readonly string[];
}

/** Results of the stages so far. */
export interface Results {
  /** @throws AppError bug for a later stage */
  of<Summary, Live>(stage: Stage<Summary, Live>): Done<Summary, Live>;
  /** In the order of their names. */
  each<Summary, Live>(stage: EachStage<Summary, Live>): readonly Done<Summary, Live>[];
}

/** Any stage. */
export type AnyStage = Stage<unknown, unknown> | EachStage<unknown, unknown>;

/** Names of a stage in the job of a config: several for a stage that runs once per name. */
export function namesOfStage(stage: AnyStage, config: Config): readonly { name: string; one: string }[] {
  if (stage.when && !stage.when(config)) return [];
  return 'each' in stage
    ? stage.each(config).map((one) => ({ name: `${stage.name}-${one}`, one }))
    : [{ name: stage.name, one: '' }];
}
