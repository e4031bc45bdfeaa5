import type { JobListener, JobOptions, RunReport, Settings } from '@basketwise/pipeline';
import type { Answer } from './command.ts';
import { openLog, silentLog } from './log.ts';
import { openProgress, type ProgressDisplay } from './progress.ts';
import { stoppable } from './signals.ts';
import type { Terminal } from './terminal.ts';

/** Answer of a job, and whether an earlier run had finished all its stages. */
export interface JobAnswer extends Answer {
  isDone: boolean;
}

/** Runs a job with a display of its progress, a log and handling of signals. Returns its answer. */
export async function runWithProgress(terminal: Terminal, settings: Settings, options: JobOptions): Promise<JobAnswer> {
  const { jobStages, publicSummary, runJob, StageReached } = await import('@basketwise/pipeline');
  const { summaryText, warningsText } = await import('./run-summary.ts');
  const { say } = terminal;
  say(warningsText(settings.warnings));
  const progress = await openProgress(jobStages(settings.config), terminal);
  const record = { log: silentLog, warnings: [] as string[] };
  const listener = listenerOf(record, progress, () => openLog(settings, terminal));
  try {
    const report = await stoppable((signal) => runJob(settings, { ...options, signal, listener }));
    await progress.close();
    const newWarnings = report.warnings.filter((warning) => !settings.warnings.includes(warning));
    say(warningsText(newWarnings));
    record.log.finished(report.run, report.warnings);
    const places = resultPlaces(report, settings);
    const summary = publicSummary(report);
    const text = summaryText(summary, { config: settings.config, files: places.files, width: terminal.width });
    const isDone = report.stages.every(({ status }) => status === 'skipped');
    return { json: { ...summary, ...places }, text, isDone };
  } catch (error) {
    await progress.close();
    if (error instanceof StageReached)
      return { json: { run: error.run, stoppedAfter: error.stage }, text: `${error.message}\n`, isDone: false };
    say(warningsText(record.warnings));
    record.log.failed(error, record.warnings);
    throw error;
  } finally {
    await record.log.close();
  }
}

/** Log of a job, silent until the job begins, and the warnings so far. If the job fails, they are printed before the error. */
interface JobRecord {
  log: typeof silentLog;
  warnings: string[];
}

/** Listener that passes the events of a job to the progress display and to the log. */
function listenerOf(record: JobRecord, { listener }: ProgressDisplay, open: () => Promise<JobRecord['log']>): JobListener {
  return {
    begin: async () => {
      record.log = await open();
    },
    step: listener.step!,
    warning: (warning) => {
      record.warnings.push(warning);
    },
    stage: (stage) => {
      record.log.stage(stage);
      return listener.stage!(stage);
    },
  };
}

interface Places {
  folder: string;
  files: Record<string, string>;
}

/** Paths of the files that a run has written, by name. */
function resultPlaces({ folder, offers }: RunReport, { config: { output } }: Settings): Places {
  const files: Record<string, string> = {};
  for (const format of output.formats) files[`results (${format})`] = `${folder}/recommendations.${format}`;
  if (offers) files['contact list'] = `${folder}/contact-list.csv`;
  if (output.report) files.report = `${folder}/report.html`;
  files.manifest = `${folder}/manifest.json`;
  return { folder, files };
}
