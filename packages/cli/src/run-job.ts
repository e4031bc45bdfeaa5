import type { JobOptions, RunReport, Settings } from '@basketwise/pipeline';
import type { Answer } from './command.ts';
import { openLog, silentLog } from './log.ts';
import { openProgress } from './progress.ts';
import { stoppable } from './signals.ts';
import type { Terminal } from './terminal.ts';
import { warningsText } from './warnings.ts';

/** Result of a job, and whether all its stages had been finished before. */
export interface JobAnswer extends Answer {
  isDone: boolean;
}

/** Runs a job with progress, log and signals, and reports the result. */
export async function runWithProgress(terminal: Terminal, settings: Settings, options: JobOptions): Promise<JobAnswer> {
  const { jobStages, publicSummary, runJob, StageReached } = await import('@basketwise/pipeline');
  const { summaryText } = await import('./run-summary.ts');
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
    const text = summaryText(summary, { config: settings.config, files: places.files, width: terminal.width });
    const isDone = report.stages.every(({ status }) => status === 'skipped');
    return { json: { ...summary, ...places }, text, isDone };
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
function resultPlaces({ folder, offers }: RunReport, { config: { output } }: Settings): Places {
  const files: Record<string, string> = {};
  for (const format of output.formats) files[`results (${format})`] = `${folder}/recommendations.${format}`;
  for (const format of offers ? output.formats : []) files[`contact list (${format})`] = `${folder}/contact-list.${format}`;
  if (output.report) files.report = `${folder}/report.html`;
  files.manifest = `${folder}/manifest.json`;
  return { folder, files };
}
