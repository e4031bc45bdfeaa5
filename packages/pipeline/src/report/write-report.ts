import { join } from 'node:path';
import type { Product } from '@basketwise/core';
import { readJson, readShaped, writeJson, writeWhole } from '@basketwise/data/base';
import type { GroupHolders } from '@basketwise/recommend';
import type { RunFolder, StageResult } from '../run/run-folder.ts';
import type { ClusterReport } from './cluster-report.ts';
import { campaignFigures, heldShares } from './figures.ts';
import type { QualityFigures } from './quality-figures.ts';
import { previousReport, publicReport, type RunReport } from './run-report.ts';

/**
 * Loads the module of the report page, and with it the library of charts. Only runs with a report load it, because it takes
 * longer than all other modules.
 */
export function loadReportPage(): Promise<typeof import('./report-page.ts')> {
  return import('./report-page.ts');
}

/** Products and product groups for the report. */
export interface KnownProducts {
  products: readonly Product[];
  /** Number of customers who hold each product group on the reference date. */
  holders: readonly GroupHolders[];
}

/**
 * Writes report.json and report.html of a run.
 * @param quality figures of the last evaluation and tuning
 * @param previous folder of the run that this run is compared with
 */
export async function writeReport(
  folder: RunFolder,
  report: RunReport,
  { products, holders }: KnownProducts,
  quality: QualityFigures,
  previous?: string,
): Promise<StageResult<null>> {
  const held = heldShares(products, holders);
  const whole = publicReport(report, {
    identity: folder.identity,
    figures: report.campaigns.map((campaign) => campaignFigures(campaign, products, held)),
    clusterReport: await readJson<ClusterReport>(folder.file('clusters.json')),
    quality,
    previous: previous === undefined ? undefined : await readShaped(join(previous, 'report.json'), previousReport),
  });
  await writeJson(folder.file('report.json'), whole);
  const { reportPage } = await loadReportPage();
  await writeWhole(folder.file('report.html'), reportPage(whole));
  return { files: ['report.json', 'report.html'], summary: null };
}
