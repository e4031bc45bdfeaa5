import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { openSnapshot, publishedRelation, queryRows, type Scalar } from '@basketwise/data';
import {
  type CustomerExplanation,
  explainIn,
  explanationText,
  type FinishedRun,
  finishedRun,
  type RunManifest,
} from '@basketwise/insight';
import { checkedConfigOfRun, closeAll, openSpill, parseSealed, sealOf } from '@basketwise/pipeline';
import { type Archive, openArchive, textOf, unpackArchive } from './archive-file.ts';
import { differs, unfit } from './recorded-bytes.ts';
import { parseRunManifest } from './run-files.ts';

/** Recommendations of one customer in an archived run, with their explanation. It has no customer id. */
export interface Replay {
  /** Seal of the archive. */
  seal: string;
  /** sha256 of the program that made the run. */
  code: string;
  /** The customer's rows of the recommendations, with all columns except the id. */
  rows: readonly Readonly<Record<string, Scalar>>[];
  explanation: CustomerExplanation;
}

/** Archive opened for replays. The caller calls `close`. */
export interface OpenReplay {
  /** Replays the recommendations of a customer id. @throws AppError missing-input if the run has no such customer */
  of(id: string): Promise<Replay>;
  close(): Promise<void>;
}

/** Whether a replay reads a file: data of customers, models and choices. Reports and records of stages are not needed. */
function isReplayed(file: string): boolean {
  return /^(snapshot|models)\/|^(recommendations|offers|clusters|segments)[.](parquet|csv)$|^features[.]json$/.test(file);
}

/**
 * Unpacks the files that replays need into a folder beside the archive. `close` removes the folder.
 * @throws AppError missing-input if the archive does not exist or has no rows of customers, bad-data if it is damaged
 */
export async function openReplay(path: string): Promise<OpenReplay> {
  const archive = await openArchive(path);
  try {
    if (!archive.list.data) {
      throw new AppError(
        'missing-input',
        `${path} has no rows of customers`,
        'It was written --without-data: replay needs them.',
      );
    }
    const spill = await openSpill(dirname(path));
    try {
      await unpackArchive(archive, spill.path, isReplayed);
      const { run, code } = await openRun(archive, spill.path);
      const seal = sealOf(archive.list);
      const fitting = (cause: unknown) => {
        throw unfit(path, cause);
      };
      return { of: (id) => replayOf(run, id, { seal, code }).catch(fitting), close: () => closeAll([run, spill, archive]) };
    } catch (cause) {
      await spill.close();
      throw unfit(path, cause);
    }
  } catch (cause) {
    await archive.close();
    throw cause;
  }
}

/** Opens the run of an archive whose files were unpacked into a folder. */
async function openRun(archive: Archive, folder: string): Promise<{ run: FinishedRun; code: string }> {
  const text = (await textOf(archive, 'manifest.json')) ?? '';
  const { inputs, config: written } = parseRunManifest(text, `${archive.path}: manifest.json`);
  const config = checkedConfigOfRun(written);
  if (config === undefined) throw differs(archive.path, 'manifest.json', 'has a config that this version would refuse');
  const manifest = { ...parseSealed<RunManifest>(text)!, config };
  const options = { memory: '1GB', threads: 1, tempDirectory: join(folder, 'spill') };
  const snapshot = await openSnapshot(join(folder, 'snapshot'), options);
  const opened = { name: archive.list.run, folder, snapshot, close: () => snapshot.close() };
  return { run: finishedRun(opened, manifest), code: inputs.code };
}

async function replayOf(run: FinishedRun, id: string, about: Pick<Replay, 'seal' | 'code'>): Promise<Replay> {
  const explanation = await explainIn(run, id);
  const { engine } = run.snapshot;
  const from = publishedRelation(engine.dialect, run.folder, run.config.output);
  const sql = `SELECT * EXCLUDE customer FROM ${from} WHERE customer = ${engine.dialect.text(id)} ORDER BY campaign, rank`;
  return { ...about, rows: await queryRows(engine, sql, { place: 'recommendations' }), explanation };
}

/** Text of a replay for the terminal. */
export function replayText({ seal, code, explanation }: Replay): string {
  return `${explanationText(explanation)}program ${code.slice(0, 8)}, archive with seal ${seal}\n`;
}
