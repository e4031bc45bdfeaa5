import type { JobOptions, RunReport, Settings } from '@basketwise/pipeline';
import type { Answer } from './command.ts';
import { openLog, silentLog } from './log.ts';
import { openProgress } from './progress.ts';
import { stoppable } from './signals.ts';
import type { Terminal } from './terminal.ts';
import { warningsText } from './warnings.ts';

/** Result of a job, and whether all its stages had been finished before. */
interface JobAnswer extends Answer {
  isDone: boolean;
}

/** Runs a job with progress, log and signals, and reports the result. */
export async function runWithProgress(terminal: Terminal, settings: Settings, options: JobOptions): Promise<JobAnswer> {
  const { jobStages, publicSummary, runJob, StageReached } = await import('@basketwise/pipeline');
  const { verdictText } = await import('@basketwise/recommend');
  const { say } = terminal;
  say(warningsText(settings.warnings));
  let log = silentLog;
  const progress = await openProgress(jobStages(settings.config), terminal);
  const failureWarnings: string[] = [];
  const listener = {
    begin: async () => {
      log = await openLog(settings, terminal);
    },
    step: progress.listener.step!,
    warning: (warning: string) => {
      failureWarnings.push(warning);
    },
    stage: (stage: Parameters<typeof log.stage>[0]) => {
      log.stage(stage);
      return progress.listener.stage!(stage);
    },
  };
  try {
    const report = await stoppable((signal) => runJob(settings, { ...options, signal, listener }));
    await progress.close();
    const newWarnings = report.warnings.filter((warning) => !settings.warnings.includes(warning));
    say(warningsText(newWarnings));
    log.finished(report.run, report.warnings);
    const places = resultPlaces(report, settings);
    const summary = publicSummary(report);
    const verdicts = summary.campaigns.map(({ campaign, verdict }) => `${campaign}: ${verdictText(verdict)}`);
    const isDone = report.stages.every(({ status }) => status === 'skipped');
    return { json: { ...summary, ...places }, text: summaryText(summary, places, verdicts), isDone };
  } catch (error) {
    await progress.close();
    if (error instanceof StageReached)
      return { json: { run: error.run, stoppedAfter: error.stage }, text: `${error.message}\n`, isDone: false };
    say(warningsText(failureWarnings));
    log.failed(error, failureWarnings);
    throw error;
  } finally {
    await log.close();
  }
}

interface Places {
  folder: string;
  files: Record<string, string>;
}

/** Paths of a run's results. */
function resultPlaces({ folder }: RunReport, { config: { output } }: Settings): Places {
  const files: Record<string, string> = {};
  for (const format of output.formats) files[`results (${format})`] = `${folder}/recommendations.${format}`;
  if (output.report) files.report = `${folder}/report.html`;
  files.manifest = `${folder}/manifest.json`;
  return { folder, files };
}

function countCell(value: number | null): string {
  return value === null ? '-' : value.toLocaleString('en-US');
}

type Summary = ReturnType<typeof import('@basketwise/pipeline').publicSummary>;

/** A table of the campaigns, the verdicts on their lists, and the paths of the results. */
function summaryText({ run, campaigns, stages }: Summary, { files }: Places, verdicts: readonly string[]): string {
  const head = ['campaign', 'targets', 'served', 'distinct baskets', 'models', 'coverage'];
  const rows = campaigns.map((campaign) => [
    campaign.campaign,
    ...[campaign.targets, campaign.served, campaign.baskets, campaign.models.length].map(countCell),
    campaign.recommendable === 0 ? '-' : `${((100 * campaign.appearing) / campaign.recommendable).toFixed(1)} %`,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  const countOf = (status: string) => stages.filter((stage) => stage.status === status).length;
  const [skipped, taken] = [countOf('skipped'), countOf('taken')];
  const unchanged = `${skipped} unchanged and skipped${taken > 0 ? `, ${taken} taken from other runs` : ''}`;
  const places = Object.entries(files).map(([name, path]) => `${name.padEnd(18)}${path}`);
  return `${[
    `run ${run}: ${stages.length} stages, ${unchanged}`,
    '',
    ...[head, ...rows].map(line),
    '',
    ...(campaigns.some(({ verdict }) => verdict !== null)
      ? ['lists against best sellers, in the newest window:', ...verdicts, '']
      : []),
    ...places,
  ].join('\n')}\n`;
}
