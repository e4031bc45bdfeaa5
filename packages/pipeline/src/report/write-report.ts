import { join } from 'node:path';
import type { GroupHolders } from '@basketwise/core/advice';
import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import type { Config } from '../config/schema.ts';
import { readJson, readShaped, writeJson, writeWhole } from '../run/files.ts';
import type { RunFolder, StageResult } from '../run/run-folder.ts';
import type { ClusterReport } from './cluster-report.ts';
import { countFigures, heldRelation, type PublishedRows } from './figures.ts';
import type { QualityFigures } from './quality-figures.ts';
import { previousReport, publicReport, type RunReport } from './run-report.ts';

/** The page with its library of charts, whose modules take longer to load than all others: not before a report is wanted. */
export function loadReportPage(): Promise<typeof import('./report-page.ts')> {
  return import('./report-page.ts');
}

/** A run whose results lie in its folder, and the engine that reads them. */
export interface FinishedResults {
  folder: RunFolder;
  engine: DuckdbEngine;
  /** How recommendations were published. */
  output: Pick<Config['output'], 'formats' | 'escape_formulas' | 'csv'>;
  /** Counts who holds what on the reference date. */
  holders(): Promise<readonly GroupHolders[]>;
}

/**
 * Writes report.json and report.html of a run.
 * @param quality of the last evaluation and tuning
 * @param previous the previous run's folder, for what changed
 * @param rows what was published, where that is not in the results' files
 */
export async function writeReport(
  results: FinishedResults,
  report: RunReport,
  quality: QualityFigures,
  previous?: string,
  rows?: PublishedRows,
): Promise<StageResult<null>> {
  const { folder, engine } = results;
  const published = rows ?? (await fileRows(results));
  const names = report.campaigns.map(({ campaign }) => campaign);
  const whole = publicReport(report, {
    identity: folder.identity,
    figures: await countFigures(engine, published, names),
    clusterReport: await readJson<ClusterReport>(folder.file('clusters.json')),
    quality,
    previous: previous === undefined ? undefined : await readShaped(join(previous, 'report.json'), previousReport),
  });
  await writeJson(folder.file('report.json'), whole);
  const { reportPage } = await loadReportPage();
  await writeWhole(folder.file('report.html'), reportPage(whole));
  return { files: ['report.json', 'report.html'], summary: null };
}

async function fileRows({ folder, engine, output, holders }: FinishedResults): Promise<PublishedRows> {
  const recommendations = publishedRelation(engine.dialect, folder.path, output);
  return { recommendations, customers: 'count(*)', held: heldRelation(engine, await holders()) };
}
