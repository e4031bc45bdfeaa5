import { join } from 'node:path';
import type { ClusterReport } from '../clusters/cluster-report.ts';
import { readJson, writeJson, writeWhole } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { Workshop } from '../stages/workshop.ts';
import { countFigures } from './figures.ts';
import { reportPage } from './report-page.ts';
import { type PreviousReport, publicReport, type RunReport } from './run-report.ts';

/**
 * Writes report.json and report.html of a run whose results lie in its folder.
 * @param previous the previous run's folder, for what changed
 */
export async function writeReport(workshop: Workshop, report: RunReport, previous?: string): Promise<StageResult<null>> {
  const { folder, settings, referenceDate } = workshop;
  const { engine } = await workshop.snapshot();
  const format = settings.config.output.formats[0]!;
  const published = `read_${format}(${engine.dialect.text(folder.file(`recommendations.${format}`))})`;
  const names = report.campaigns.map(({ campaign }) => campaign);
  const whole = publicReport(report, {
    identity: folder.identity,
    figures: await countFigures(engine, published, names, referenceDate),
    clusterReport: await readJson<ClusterReport>(folder.file('clusters.json')),
    previous: previous === undefined ? undefined : await readJson<PreviousReport>(join(previous, 'report.json')),
  });
  await writeJson(folder.file('report.json'), whole);
  await writeWhole(folder.file('report.html'), reportPage(whole));
  return { files: ['report.json', 'report.html'], summary: null };
}
