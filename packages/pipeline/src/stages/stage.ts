import type { Config } from '../config/schema.ts';
import type { Given, StageInputs } from './made-of.ts';
import type { Night } from './night.ts';
import type { Done, LiveResult } from './stage-result.ts';

/** A stage of the job. Each has a file of its own; `stages.ts` lists them in their order. */
export interface Stage<Summary, Live = undefined> {
  /** As records, options and reports name it. */
  name: string;
  /** Whether the job of a config has it; absent: every job has. */
  when?(config: Config): boolean;
  /** Its summary in a job that does not have it. */
  without?: Summary;
  /**
   * The parts of the config and of earlier nights that its work depends on, beside program, data and date: stages of two runs that are made of the same
   * leave the same bytes. Absent: the stage is never taken from another run.
   */
  madeOf?(given: Given, one: string): StageInputs | Promise<StageInputs>;
  /** Key of all that it depends on beside data, config and code; asked before and after the work. */
  key?(night: Night): Promise<string>;
  /** Whether what another run has made of the same will do; absent: it does. */
  accepts?(summary: Summary, config: Config): boolean;
  /** Does its work. @param one the name that it comes for, of a stage that comes for several */
  work(night: Night, results: Results, one: string): Promise<LiveResult<Summary, Live>>;
  /** Whether several later stages take `live`: it stays in memory. Absent: one does, and it is given up. */
  isShared?: true;
  /** Reads from the files what `live` was. */
  read?(summary: Summary, night: Night): Promise<Live>;
  /** Comes last in each run, whether the stage is skipped or not. */
  after?(summary: Summary, night: Night): Promise<void>;
}

/** A stage that comes once for each of several names, with a record for each. */
export interface EachStage<Summary, Live = undefined> extends Stage<Summary, Live> {
  each(config: Config): readonly string[];
}

/** Results of the stages so far. */
export interface Results {
  /** @throws AppError bug where the stage comes later */
  of<Summary, Live>(stage: Stage<Summary, Live>): Done<Summary, Live>;
  /** In the order of their names. */
  each<Summary, Live>(stage: EachStage<Summary, Live>): readonly Done<Summary, Live>[];
}

/** Some stage. */
export type AnyStage = Stage<unknown, unknown> | EachStage<unknown, unknown>;

/** Names of a stage in the job of a config: several of one that comes for each of several names. */
export function namesOfStage(stage: AnyStage, config: Config): readonly { name: string; one: string }[] {
  if (stage.when && !stage.when(config)) return [];
  return 'each' in stage
    ? stage.each(config).map((one) => ({ name: `${stage.name}-${one}`, one }))
    : [{ name: stage.name, one: '' }];
}
