import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, exitCodes } from '@basketwise/core/base';
import {
  type FileRecord,
  makeFolder,
  readShaped,
  recordFile,
  removeUnfinished,
  syncNames,
  takeFiles,
  writeFailure,
} from '@basketwise/data/base';
import { beginAttempt, isPublished, lastAttempt, nextAttempt, removeUnfinishedAttempts } from './attempts.ts';
import { erasuresFile, validationFile } from './erasures.ts';
import { type RunIdentity, runName } from './identity.ts';
import { keyOfNights, type PublishedRun } from './published-runs.ts';
import { type RunState, runStatus, type StageState } from './run-state.ts';

import { writeSealed } from './seal.ts';
import {
  differences,
  findStage,
  linkOf,
  type MadeOf,
  recordedFiles,
  recordName,
  type StageElsewhere,
  type StageRecord,
  validRecord,
} from './stage-record.ts';

/** Result of a stage: names of its files in the run folder, and its summary. */
export interface StageResult<T> {
  files: readonly string[];
  /** sha256 by name, for files that the stage has hashed itself. All other files are read to hash them. */
  hashes?: ReadonlyMap<string, string>;
  summary: T;
}

/** Stage of a run, with its work. */
export interface StageWork<T> {
  name: string;
  /** Key of all inputs besides data, config and program. It is computed before and after the work. */
  key?: () => Promise<string>;
  /** Whether a result of another run with equal inputs is accepted. Absent: it always is. */
  accepts?: (summary: T) => boolean;
  work: () => Promise<StageResult<T>>;
}

/** Options of a run folder besides the identity of the run. */
export interface RunFolderOptions {
  listener?: StageListener | undefined;
  range?: StageRange;
  /** Earlier run with which this run is compared. */
  previous?: PublishedRun | undefined;
  /** Returns the inputs of a stage. If the function is absent or returns null, results of other runs are not accepted. */
  madeOf?: (stage: string) => Promise<MadeOf | null>;
}

/** Callback for the begin and the end of stages. */
export type StageListener = (stage: StageState, summary?: unknown) => void | Promise<void>;

export interface StageRange {
  /** First stage to repeat. */
  from?: string | undefined;
  /** Last stage to run. */
  until?: string | undefined;
}

/** Thrown to stop a run after the requested stage. It is no failure. */
export class StageReached extends Error {
  readonly run: string;
  readonly stage: string;

  constructor(run: string, stage: string) {
    super(`run ${run} stopped after ${stage}`);
    this.run = run;
    this.stage = stage;
  }
}

/** Files that describe one attempt. They are not copied to the folder of the next attempt. */
const filesOfAttempt = ['run.json', 'manifest.json', erasuresFile, validationFile];

/**
 * Folder of a run: its state, and the results of its finished stages. A finished stage is not repeated. A successful run is never
 * changed. If one of its stages must be repeated, the run continues as a new attempt in another folder.
 */
export class RunFolder {
  readonly identity: RunIdentity;
  /** Records of the files of all finished stages, in order. */
  readonly files: FileRecord[] = [];
  readonly #output: string;
  readonly #state: RunState;
  readonly #listener: StageListener;
  readonly #range: StageRange;
  readonly #madeOf: NonNullable<RunFolderOptions['madeOf']>;
  /** Key of the earlier run with which this run is compared. The keys of stages that read the earlier run contain it. */
  readonly previousKey: string;
  #name: string;
  /** Whether the run has succeeded, and none of its stages had to be repeated. */
  #isPublished = false;
  /** Whether run.json has the end of the run and must not change. */
  #hasEnded = false;
  #fresh = true;
  /** Whether all further stages must be repeated. Then results of other runs are not accepted. */
  #again = false;
  /** Seal of the record of the last finished stage. */
  #link = '';

  private constructor(output: string, name: string, identity: RunIdentity, options: RunFolderOptions) {
    this.#output = output;
    this.#range = options.range ?? {};
    this.#madeOf = options.madeOf ?? (async () => null);
    this.#name = name;
    this.previousKey = keyOfNights(options.previous ? [options.previous] : []);
    this.identity = identity;
    this.#listener = options.listener ?? (() => {});
    this.#state = {
      ...{ version: 1, run: name, status: 'running', stage: null, exitCode: null, message: null, hint: null },
      ...{ startedAt: new Date().toISOString(), endedAt: null, previous: options.previous?.run ?? null, stages: [] },
    };
  }

  /**
   * Opens the folder of a run, or makes it if it is absent. If there are several attempts, opens the last one.
   * @throws AppError cannot-write
   */
  static async open(output: string, identity: RunIdentity, options: RunFolderOptions = {}): Promise<RunFolder> {
    const name = await lastAttempt(output, runName(identity));
    const folder = new RunFolder(output, name, identity, options);
    await makeFolder(join(folder.path, 'stages'));
    await removeUnfinishedAttempts(output);
    await removeUnfinished(folder.path);
    folder.#isPublished = await isPublished(folder.path);
    const state = await readShaped(folder.file('run.json'), runStatus);
    folder.#hasEnded = folder.#isPublished && state?.status === 'finished';
    await folder.#save();
    return folder;
  }

  /** Opens the folder of a successful run to read from it. @param name name of the run */
  static finished(output: string, name: string, identity: RunIdentity): RunFolder {
    const folder = new RunFolder(output, name, identity, {});
    folder.#isPublished = true;
    folder.#hasEnded = true;
    return folder;
  }

  /** Name of the folder. When a stage of a successful run is repeated, the name changes to that of the next attempt. */
  get name(): string {
    return this.#name;
  }

  /** Absolute path of the folder. */
  get path(): string {
    return join(this.#output, 'runs', this.#name);
  }

  /** Whether the run had succeeded before, and none of its stages had to be repeated. */
  get isPublished(): boolean {
    return this.#isPublished;
  }

  /** Absolute path of a file in the folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Name of the earlier run with which this run is compared; null without one. */
  get previous(): string | null {
    return this.#state.previous;
  }

  /** States of the stages so far. */
  get stages(): readonly StageState[] {
    return this.#state.stages;
  }

  /**
   * Runs a stage, or returns the summary of its earlier execution. The earlier execution counts if its inputs are equal, its
   * files are unchanged, and no earlier stage was repeated.
   */
  async stage<T>(stage: StageWork<T>): Promise<T> {
    const summary = await this.#do(stage);
    if (stage.name === this.#range.until) throw new StageReached(this.name, stage.name);
    return summary;
  }

  async #do<T>({ name, key = async () => '', accepts = () => true, work }: StageWork<T>): Promise<T> {
    const state: StageState = { name, status: 'running', seconds: 0, peakMemory: 0 };
    this.#state.stages.push(state);
    this.#state.stage = name;
    const { hash } = this.identity;
    if (name === this.#range.from) this.#again = true;
    const isWanted = this.#fresh && !this.#again;
    const found = isWanted ? await validRecord(this.path, name, { hash, key: await key(), after: this.#link }) : undefined;
    if (found) {
      state.status = 'skipped';
      this.#take(found);
      await this.#listener(state, found.summary);
      return found.summary as T;
    }
    await this.#begin(name);
    const start = performance.now();
    await this.#save();
    await this.#listener(state);
    try {
      const made = await this.#madeOf(name);
      const elsewhere = made ? await this.elsewhere(name, (other) => differences(other, made).length === 0) : undefined;
      const isTaken = elsewhere !== undefined && accepts(elsewhere.record.summary as T);
      const { files, summary } = isTaken ? await this.#takeOver(elsewhere) : await this.#record(await work());
      const record: StageRecord = { hash, key: await key(), after: this.#link, made, files, summary };
      await writeSealed(this.file(recordName(name)), record);
      this.#take(record);
      state.status = isTaken ? 'taken' : 'done';
      if (isTaken) state.from = elsewhere.run;
      return summary as T;
    } catch (error) {
      state.status = 'failed';
      throw error;
    } finally {
      state.seconds = Math.round((performance.now() - start) / 10) / 100;
      state.peakMemory = Math.round(process.resourceUsage().maxRSS / 1024);
      await this.#listener(state);
    }
  }

  /** Finished stage of another run with the wanted inputs. Undefined if there is none, or if all stages must be repeated. */
  async elsewhere(stage: string, isWanted: (made: MadeOf) => boolean): Promise<StageElsewhere | undefined> {
    return this.#again ? undefined : await findStage(this.#output, this.#name, stage, isWanted);
  }

  async #takeOver({ folder, record: { files, summary } }: StageElsewhere): Promise<Pick<StageRecord, 'files' | 'summary'>> {
    await takeFiles(
      folder,
      this.path,
      files.map(({ file }) => file),
    );
    return { files, summary };
  }

  /** Writes the files of a stage durably to disk, and returns their records. */
  async #record<T>({ files, hashes, summary }: StageResult<T>): Promise<Pick<StageRecord, 'files' | 'summary'>> {
    const records = await Promise.all(files.map((file) => recordFile(this.file(file), file, hashes?.get(file))));
    await syncNames(this.path, files);
    return { files: records, summary };
  }

  #take(record: StageRecord): void {
    this.files.push(...record.files);
    this.#link = linkOf(record);
  }

  /** Prepares the execution of a stage. Its earlier results no longer count, even if the stage is stopped. */
  async #begin(name: string): Promise<void> {
    this.#fresh = false;
    if (this.#isPublished) await this.#leave();
    const record = this.file(recordName(name));
    await rm(record, { force: true }).catch((cause) => {
      throw writeFailure(record, cause);
    });
  }

  /** Continues in the folder of a new attempt, with the results of the stages so far. */
  async #leave(): Promise<void> {
    const skipped = this.#state.stages.filter(({ status }) => status === 'skipped').map(({ name }) => recordName(name));
    const kept = [...skipped, ...this.files.map(({ file }) => file), ...(await this.#ofNoStage())];
    const next = nextAttempt(this.#name);
    await beginAttempt(this.path, join(this.#output, 'runs', next), kept);
    this.#name = next;
    this.#state.run = next;
    this.#isPublished = false;
    this.#hasEnded = false;
  }

  /** Names of the files that no stage has recorded, except those that describe this attempt. */
  async #ofNoStage(): Promise<string[]> {
    const known = new Set([...filesOfAttempt, ...(await recordedFiles(this.path))]);
    const entries = await readdir(this.path, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !known.has(entry.name)).map(({ name }) => name);
  }

  /** Writes the end of the run to run.json. @param error error that ended the run; absent if it succeeded */
  async end(error?: unknown): Promise<void> {
    const known = error instanceof AppError ? error : undefined;
    const reached = error instanceof StageReached;
    const stopped = reached || known?.code === 'interrupted' || known?.code === 'terminated';
    this.#state.status = error === undefined ? 'finished' : stopped ? 'stopped' : 'failed';
    this.#state.exitCode = error === undefined || reached ? 0 : exitCodes[known?.code ?? 'bug'];
    this.#state.message = error === undefined ? null : reached ? error.message : (known?.message ?? 'internal error');
    this.#state.hint = known?.hint ?? null;
    this.#state.endedAt = new Date().toISOString();
    await this.#save();
  }

  async #save(): Promise<void> {
    if (!this.#hasEnded) await writeSealed(join(this.path, 'run.json'), this.#state);
  }
}
