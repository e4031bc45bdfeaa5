import { randomUUID } from 'node:crypto';
import { appendFile, chmod, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, type PlainDate } from '@basketwise/core';
import {
  type FileRecord,
  makeFolder,
  publishedCount,
  readShaped,
  writeFailure,
  writeJson,
  writeWhole,
} from '@basketwise/data/base';
import { z } from 'zod';
import { type Settings, settingsPath } from '../config/load.ts';
import { publicSummary, type RunReport } from '../report/run-report.ts';
import { latestRun } from '../run/published-runs.ts';
import type { StageState } from '../run/run-state.ts';
import { endEvent, type LineageRun, startEvent } from './lineage.ts';
import { type DataFigures, metricsText } from './metrics.ts';
import { type EndedRun, type RunResults, runResults } from './run-results.ts';

const ended = z.object({ endedAt: z.string().nullable() });

/**
 * Exporter of a run. It writes the files `output.results`, `output.metrics` and `output.lineage` of the config, even if the run
 * fails. If a file cannot be written, the run gets a warning.
 */
export class RunExporter {
  /** Warnings about files that could not be written. */
  readonly warnings: string[] = [];
  readonly #settings: Settings;
  readonly #referenceDate: PlainDate;
  readonly #startedAt = new Date();
  readonly #stages: StageState[] = [];
  readonly #lineage: LineageRun;
  #run: EndedRun['run'] = null;
  #files: () => readonly FileRecord[] = () => [];

  constructor(settings: Settings, referenceDate: PlainDate, version: string) {
    this.#settings = settings;
    this.#referenceDate = referenceDate;
    this.#lineage = { settings, id: randomUUID(), referenceDate, version };
  }

  /** Exports the start of the run. */
  async begin(): Promise<void> {
    await this.#append(() => startEvent(this.#lineage, this.#startedAt));
  }

  /** Remembers the current state of a stage. */
  note(stage: StageState): void {
    const at = this.#stages.findIndex(({ name }) => name === stage.name);
    this.#stages[at < 0 ? this.#stages.length : at] = { ...stage };
  }

  /** Remembers the run folder. A run can continue in another folder, so the folder's name and path are read only at the end. */
  in(folder: { name: string; path: string; files: readonly FileRecord[] }): void {
    this.#files = () => folder.files;
    this.#run = {
      get name() {
        return folder.name;
      },
      get folder() {
        return folder.path;
      },
    };
  }

  /** Exports the end of the run. */
  async end(outcome: { report: RunReport } | { error: unknown }, warnings: readonly string[]): Promise<void> {
    const about = { referenceDate: this.#referenceDate, startedAt: this.#startedAt, endedAt: new Date(), run: this.#run };
    const results = runResults({ ...about, stages: this.#stages, warnings, files: this.#files(), outcome });
    const data = 'report' in outcome ? dataFigures(outcome.report) : null;
    const offers = 'report' in outcome ? publicSummary(outcome.report) : null;
    const { results: file, metrics } = this.#settings.config.output;
    if (file !== undefined) await this.#try(file, (path) => writeJson(path, results));
    if (metrics !== undefined) {
      await this.#try(metrics, async (path) => {
        await writeWhole(path, metricsText(results, { data, offers }, await this.#lastSuccess(results)));
        // The collector reads the file as another user.
        await chmod(path, 0o644);
      });
    }
    await this.#append(() => endEvent(this.#lineage, results, data));
  }

  async #lastSuccess({ status, endedAt }: RunResults): Promise<Date | null> {
    if (status === 'finished') return new Date(endedAt);
    const output = settingsPath(this.#settings, this.#settings.config.output.dir);
    const latest = await latestRun(output);
    const state = latest === undefined ? undefined : await readShaped(join(output, 'runs', latest, 'run.json'), ended);
    return state?.endedAt ? new Date(state.endedAt) : null;
  }

  /** Appends an event to the lineage file as one complete line, because other processes may append to the same file. */
  async #append(event: () => object): Promise<void> {
    const { lineage } = this.#settings.config.output;
    if (lineage === undefined) return;
    await this.#try(lineage.file, async (path) => {
      const isWhole = await endsWithLine(path);
      await appendFile(path, `${isWhole ? '' : '\n'}${JSON.stringify(event())}\n`, { mode: 0o600, flush: true }).catch(
        (cause) => {
          throw writeFailure(path, cause);
        },
      );
    });
  }

  async #try(file: string, write: (path: string) => Promise<void>): Promise<void> {
    const path = settingsPath(this.#settings, file);
    try {
      await makeFolder(dirname(path));
      await write(path);
    } catch (cause) {
      const failure = writeFailure(path, cause);
      if (!(failure instanceof AppError)) throw failure;
      this.warnings.push(`the run was not exported: ${failure.message}`);
    }
  }
}

/** Whether a file ends with a complete line, or does not exist. A killed process may have left an incomplete line. */
async function endsWithLine(path: string): Promise<boolean> {
  const text = await readFile(path).catch(() => Buffer.alloc(0));
  return text.length === 0 || text.at(-1) === 10;
}

function dataFigures({ extract }: RunReport): DataFigures {
  return {
    customers: publishedCount(extract.customers.kept),
    holdings: publishedCount(extract.holdings.kept),
    products: extract.products.read,
  };
}
