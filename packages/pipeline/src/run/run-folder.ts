import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type FileRecord, makeFolder, recordFile, removeUnfinished, writeJson } from './files.ts';
import { type RunIdentity, runName } from './identity.ts';
import { readSealed, writeSealed } from './seal.ts';

/** `run.json`: what a run is doing, or how it ended. Times are the only things in it that a rerun changes. */
export interface RunState {
  version: 1;
  run: string;
  status: 'running' | 'finished' | 'failed' | 'stopped';
  /** The stage at work, or where the run ended. */
  stage: string | null;
  exitCode: number | null;
  message: string | null;
  hint: string | null;
  startedAt: string;
  endedAt: string | null;
  stages: StageState[];
}

/** One stage of a run. */
export interface StageState {
  name: string;
  status: 'running' | 'done' | 'skipped' | 'failed';
  seconds: number;
  /** Peak resident memory of the process so far, in MiB. */
  peakMemory: number;
}

/** What a stage leaves: files of the run folder, and its summary. */
export interface StageResult<T> {
  files: readonly string[];
  summary: T;
}

/** What a stage left, and of which inputs; sealed, as later stages depend on the summary. */
interface StageRecord {
  hash: string;
  key: string;
  files: FileRecord[];
  summary: unknown;
}

/** What a stage is told to do. */
export interface StageWork<T> {
  name: string;
  /** What else the stage depends on than data, config and code; asked before and after the work. */
  key?: () => Promise<string>;
  work: () => Promise<StageResult<T>>;
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

/** One run's folder: its state, and what its finished stages left. A stage that is finished is not done again. */
export class RunFolder {
  readonly path: string;
  readonly name: string;
  readonly identity: RunIdentity;
  /** Files of all stages that are done, in order. */
  readonly files: FileRecord[] = [];
  readonly #state: RunState;
  readonly #listener: StageListener;
  readonly #range: StageRange;
  #fresh = true;

  private constructor(path: string, identity: RunIdentity, listener: StageListener, range: StageRange) {
    this.#range = range;
    this.path = path;
    this.name = runName(identity);
    this.identity = identity;
    this.#listener = listener;
    this.#state = {
      ...{ version: 1, run: this.name, status: 'running', stage: null, exitCode: null, message: null, hint: null },
      ...{ startedAt: new Date().toISOString(), endedAt: null, stages: [] },
    };
  }

  /** Opens the folder of a run under `output`, made when absent. @throws AppError cannot-write */
  static async open(
    output: string,
    identity: RunIdentity,
    listener: StageListener = () => {},
    range: StageRange = {},
  ): Promise<RunFolder> {
    const folder = new RunFolder(join(output, 'runs', runName(identity)), identity, listener, range);
    await makeFolder(join(folder.path, 'stages'));
    await removeUnfinished(folder.path);
    await folder.#save();
    return folder;
  }

  /** Absolute path of a file of this run. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Stages so far. */
  get stages(): readonly StageState[] {
    return this.#state.stages;
  }

  /**
   * Does a stage, or gives back the summary of the time it was done: when its inputs are the same, its files are there, and nothing
   * before it had to be done in this run.
   */
  async stage<T>(stage: StageWork<T>): Promise<T> {
    const summary = await this.#do(stage);
    if (stage.name === this.#range.until) throw new StageReached(this.name, stage.name);
    return summary;
  }

  async #do<T>({ name, key = async () => '', work }: StageWork<T>): Promise<T> {
    const path = join(this.path, 'stages', `${name}.json`);
    const state: StageState = { name, status: 'running', seconds: 0, peakMemory: 0 };
    this.#state.stages.push(state);
    this.#state.stage = name;
    const isWanted = this.#fresh && name !== this.#range.from;
    const record = isWanted ? await this.#finished(path, await key()) : undefined;
    if (record) {
      state.status = 'skipped';
      this.files.push(...record.files);
      await this.#listener(state, record.summary);
      return record.summary as T;
    }
    if (this.#fresh) await rm(this.file('manifest.json'), { force: true });
    this.#fresh = false;
    const start = performance.now();
    await this.#save();
    await this.#listener(state);
    try {
      const { files, summary } = await work();
      const records = await Promise.all(files.map((file) => recordFile(this.file(file), file)));
      const record: StageRecord = { hash: this.identity.hash, key: await key(), files: records, summary };
      await writeSealed(path, record);
      this.files.push(...records);
      state.status = 'done';
      return summary;
    } catch (error) {
      state.status = 'failed';
      throw error;
    } finally {
      state.seconds = Math.round((performance.now() - start) / 10) / 100;
      state.peakMemory = Math.round(process.resourceUsage().maxRSS / 1024);
      await this.#listener(state);
    }
  }

  /** Writes how the run ended. */
  async end(error?: unknown): Promise<void> {
    const known = error instanceof AppError ? error : undefined;
    const reached = error instanceof StageReached;
    const stopped = reached || known?.code === 'interrupted' || known?.code === 'terminated';
    this.#state.status = error === undefined ? 'finished' : stopped ? 'stopped' : 'failed';
    this.#state.exitCode = error === undefined || reached ? 0 : (known?.exitCode ?? 70);
    this.#state.message = error === undefined ? null : reached ? error.message : (known?.message ?? 'internal error');
    this.#state.hint = known?.hint ?? null;
    this.#state.endedAt = new Date().toISOString();
    await this.#save();
  }

  #save(): Promise<void> {
    return writeJson(join(this.path, 'run.json'), this.#state);
  }

  async #finished(path: string, key: string): Promise<StageRecord | undefined> {
    const record = await readSealed<StageRecord>(path);
    if (!record || record.hash !== this.identity.hash || record.key !== key) return undefined;
    for (const { file, bytes } of record.files) {
      const found = await stat(this.file(file)).catch(() => undefined);
      if (found?.size !== bytes) return undefined;
    }
    return record;
  }
}
