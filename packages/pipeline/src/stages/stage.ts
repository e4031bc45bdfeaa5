import type { Config } from '../config/schema.ts';
import type { Source } from '../drivers/driver.ts';
import type { Given, StageInputs } from './made-of.ts';
import type { RunContext } from './run-context.ts';
import type { Done, LiveResult, RunPlan, Site } from './site.ts';

/** Stage of the job. Each stage has its own file; `stages.ts` lists all in order. */
export interface Stage<Summary, Live = undefined> {
  /** Name in records, options and reports. */
  name: string;
  /** Whether the job of a config has the stage. Absent: always. */
  when?(config: Config): boolean;
  /** Summary that later stages get in jobs without the stage. */
  without?: Summary;
  /**
   * Inputs of the stage besides program, data and date: parts of the config and of earlier runs. Stages of two runs with equal
   * inputs produce equal bytes. Absent: the stage is never taken from another run.
   */
  madeOf?(given: Given, one: string): StageInputs | Promise<StageInputs>;
  /** Key of all inputs besides data, config and program. It is computed before and after the work. */
  key?(night: Night): Promise<string>;
  /** Whether a result of another run with equal inputs is accepted. Absent: it always is. */
  accepts?(summary: Summary, config: Config): boolean;
  /** Does the work of the stage. @param one name for which the stage runs, if it is an `EachStage`; otherwise empty */
  work(night: Night, results: Results, one: string): Promise<LiveResult<Summary, Live>>;
  /** Whether several later stages use `live`, which then stays in memory. Absent: one stage uses `live`, which is then released. */
  isShared?: true;
  /** Reads `live` from the files of the stage. */
  read?(summary: Summary, night: Night): Promise<Live>;
  /** Called after the stage in each run, even if the stage was skipped or taken from another run. */
  after?(summary: Summary, night: Night): Promise<void>;
}

/** Stage that runs once for each of several names, such as campaigns, with a record for each. */
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

export type AnyStage = Stage<unknown, unknown> | EachStage<unknown, unknown>;

/** Names under which a stage runs: its own name, or `STAGE-NAME` for each name of an `EachStage`. Empty if the config does not need the stage. */
export function namesOfStage(stage: AnyStage, config: Config): readonly { name: string; one: string }[] {
  if (stage.when && !stage.when(config)) return [];
  return 'each' in stage
    ? stage.each(config).map((one) => ({ name: `${stage.name}-${one}`, one }))
    : [{ name: stage.name, one: '' }];
}

/** Run in progress: its plan, its resources, the site of its customers, and the source of the bank's tables. */
export interface Night {
  plan: RunPlan;
  context: RunContext;
  site: Site;
  source: Source;
  /** Whether to continue although a guard would stop the run. */
  acceptDrop: boolean;
  /** Whether the run makes lists, not only clusters and segments. */
  makesLists: boolean;
}
