import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import { beginAttempt, isPublished, lastAttempt, nextAttempt, removeUnfinishedAttempts } from './attempts.ts';
import { exitCodes } from './exit-codes.ts';
import {
  type FileRecord,
  makeFolder,
  readShaped,
  recordFile,
  removeUnfinished,
  syncNames,
  writeFailure,
  writeJson,
} from './files.ts';
import { type RunIdentity, runName } from './identity.ts';
import { keyOfNights, type PublishedRun } from './published-runs.ts';
import { type RunState, runStatus, type StageState } from './run-state.ts';
import { writeSealed } from './seal.ts';
import { differences, findStage, type StageElsewhere } from './stage-elsewhere.ts';
import { linkOf, type MadeOf, recordedFiles, recordName, type StageRecord, validRecord } from './stage-record.ts';
import { takeFiles } from './take-files.ts';

/** Result of a stage: files of the run folder, and its summary. */
export interface StageResult<T> {
  files: readonly string[];
  /** sha256 of those that the stage has hashed itself, by their names; the others are read for it. */
  hashes?: ReadonlyMap<string, string>;
  summary: T;
}

/** One stage of a run. */
export interface StageWork<T> {
  name: string;
  /** Key of all that the stage depends on beside data, config and code; asked before and after the work. */
  key?: () => Promise<string>;
  /** Whether what another run has made of the same will do; absent: it does. */
  accepts?: (summary: T) => boolean;
  work: () => Promise<StageResult<T>>;
}

/** Facts about a run that its folder needs beside its identity. */
export interface RunFolderOptions {
  listener?: StageListener | undefined;
  range?: StageRange;
  /** The night that this run is compared with. */
  previous?: PublishedRun | undefined;
  /** Parts that a stage is made of; absent, or null for a stage: no other run's will do. */
  madeOf?: (stage: string) => Promise<MadeOf | null>;
}

/** Hears when stages begin and end. */
export type StageListener = (stage: StageState, summary?: unknown) => void | Promise<void>;

/** Which of the stages to do; names of stages. */
export interface StageRange {
  /** Do this stage and all after it again. */
  from?: string | undefined;
  /** Stop when this stage is done. */
  until?: string | undefined;
}

/** Thrown where a run was told to stop after a stage: no failure. */
export class StageReached extends Error {
  readonly run: string;
  readonly stage: string;

  constructor(run: string, stage: string) {
    super(`run ${run} stopped after ${stage}`);
    this.run = run;
    this.stage = stage;
  }
}

/**
 * One run's folder: its state, and what its finished stages left. A stage that is finished is not done again. A run that has succeeded is not
 * touched any more: where a stage of it has to be done again, the run goes on in another folder, with what it still has to do.
 */
export class RunFolder {
  readonly identity: RunIdentity;
  /** Files of all stages that are done, in order. */
  readonly files: FileRecord[] = [];
  readonly #output: string;
  readonly #state: RunState;
  readonly #listener: StageListener;
  readonly #range: StageRange;
  readonly #madeOf: NonNullable<RunFolderOptions['madeOf']>;
  /** Key of the night that the run is compared with, for stages that read it. */
  readonly previousKey: string;
  #name: string;
  /** The run has succeeded, and nothing of it had to be done again. */
  #isPublished = false;
  /** run.json tells how the run ended, and stays as it is. */
  #hasEnded = false;
  #fresh = true;
  /** The stages from here on are to be done again: no other run's will do. */
  #again = false;
  /** Of the record of the last stage. */
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

  /** Opens the folder of a run under `output`, made when absent: that of the last attempt, where there were several. @throws AppError cannot-write */
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

  /** Name of the folder; that of the next attempt as soon as a run that has succeeded is done again. */
  get name(): string {
    return this.#name;
  }

  /** Absolute path of the folder. */
  get path(): string {
    return join(this.#output, 'runs', this.#name);
  }

  /** Whether the run had succeeded before, and nothing of it had to be done again. */
  get isPublished(): boolean {
    return this.#isPublished;
  }

  /** Absolute path of a file of this run. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Name of the run that this one is compared with; null where there is none. */
  get previous(): string | null {
    return this.#state.previous;
  }

  /** Stages so far. */
  get stages(): readonly StageState[] {
    return this.#state.stages;
  }

  /**
   * Does a stage, or gives back the summary of the time it was done: when it was made of the same, its files are as it left them, and nothing
   * before it had to be done in this run.
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

  /** A finished stage of another run whose parts are those wanted; undefined where stages are to be done again. */
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

  /** Makes what a stage has left durable, and describes it. */
  async #record<T>({ files, hashes, summary }: StageResult<T>): Promise<Pick<StageRecord, 'files' | 'summary'>> {
    const records = await Promise.all(files.map((file) => recordFile(this.file(file), file, hashes?.get(file))));
    await syncNames(this.path, files);
    return { files: records, summary };
  }

  #take(record: StageRecord): void {
    this.files.push(...record.files);
    this.#link = linkOf(record);
  }

  /** Makes way for a stage: what it left before counts no more, even if it does not come to its end. */
  async #begin(name: string): Promise<void> {
    this.#fresh = false;
    if (this.#isPublished) await this.#leave();
    const record = this.file(recordName(name));
    await rm(record, { force: true }).catch((cause) => {
      throw writeFailure(record, cause);
    });
  }

  /** Goes on in the folder of the next attempt, which gets what the stages so far have left. */
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

  /** Files in the folder beside those that stages have recorded, and beside what tells how the run ended. */
  async #ofNoStage(): Promise<string[]> {
    const known = new Set(['run.json', 'manifest.json', ...(await recordedFiles(this.path))]);
    const entries = await readdir(this.path, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !known.has(entry.name)).map(({ name }) => name);
  }

  /** Writes how the run ended. */
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
    if (!this.#hasEnded) await writeJson(join(this.path, 'run.json'), this.#state);
  }
}
