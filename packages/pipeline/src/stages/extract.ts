import { dirname, join } from 'node:path';
import type { PlainDate } from '@basketwise/core/advice';
import { type ExtractOptions, extractSnapshot, type SnapshotManifest, snapshotTables } from '@basketwise/data';
import type { Source } from '../drivers/driver.ts';
import type { KeptPast } from '../features/kept-features.ts';
import { loadReportPage } from '../report/write-report.ts';
import type { InputFiles } from '../run/input-files.ts';
import type { RunFolder, StageResult } from '../run/run-folder.ts';
import type { MadeOf } from '../run/stage-record.ts';
import { extractRequest } from '../source/extract-request.ts';
import type { RunContext } from './run-context.ts';

/** Days and files that an extraction depends on beside the config. */
export interface ExtractInputs {
  /** The dates that features are wanted of, the reference date first. */
  dates: readonly PlainDate[];
  kept: readonly KeptPast[];
  /** Null where the tables are no files. */
  inputs: InputFiles | null;
  /** Hash of all that holdings are made of; null where that cannot be told. */
  holdings: MadeOf | null;
}

/** Extracts the snapshot into the run folder. */
export async function extractStage(
  context: RunContext,
  { engine, workbench }: Source,
  { dates, kept, inputs, holdings }: ExtractInputs,
): Promise<StageResult<SnapshotManifest>> {
  const { settings, referenceDate, folder, signal, tell } = context;
  const request = extractRequest(settings.config, referenceDate, { dates, tableDate: referenceDate, kept });
  // While the engine reads. Should it fail, the report does and says why.
  if (settings.config.output.report) loadReportPage().catch(() => undefined);
  const own = [folder.path, workbench.options.tempDirectory, ...kept.map(({ file }) => dirname(file))];
  const check = async () => inputs?.check(own);
  const holdingsOf = holdings ? await sameHoldings(folder, holdings) : undefined;
  const hashes = new Map<string, string>();
  const hashed = (file: string, sha256: string) => hashes.set(`snapshot/${file}`, sha256);
  const options = { signal, progress: tell, workbench, check, holdingsOf, hashed };
  const summary = await extractSnapshot(engine, request, folder.file('snapshot'), options);
  const queries = engine === workbench ? [] : ['queries.sql'];
  const tables = [...snapshotTables(summary).values()].flat();
  const names = [...tables, 'unknown-products.csv', 'manifest.json', ...queries];
  return { files: names.map((name) => `snapshot/${name}`), hashes, summary };
}

/** The snapshot of another run that has the same holdings, whatever else is wanted of the customers. */
async function sameHoldings(folder: RunFolder, wanted: MadeOf): Promise<ExtractOptions['holdingsOf']> {
  const isSame = (made: MadeOf) => Object.entries(wanted).every(([part, hash]) => made[part] === hash);
  const found = await folder.elsewhere('extract', isSame);
  return found && { folder: join(found.folder, 'snapshot'), manifest: found.record.summary as SnapshotManifest };
}
