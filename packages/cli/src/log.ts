import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Settings, StageState } from '@basketwise/pipeline';
import { failureOf } from './failure.ts';

/** The log of a job: JSON lines in the file of `log.file`; without one, nothing. No customer ids. */
export interface Log {
  stage(stage: StageState): void;
  finished(run: string, warnings: readonly string[]): void;
  failed(error: unknown): void;
}

/** A log file that has grown to this is put aside when a run begins. */
const rotateBytes = 10 * 2 ** 20;
const rotatedFiles = 5;

/** Puts a large log aside: `x.log` becomes `x.log.1`, that one `x.log.2`, and so on. */
function rotate(file: string): void {
  if (!existsSync(file) || statSync(file).size < rotateBytes) return;
  for (let i = rotatedFiles - 1; i >= 1; i--) if (existsSync(`${file}.${i}`)) renameSync(`${file}.${i}`, `${file}.${i + 1}`);
  renameSync(file, `${file}.1`);
}

/** Opens the log that a config asks for. @throws AppError cannot-write */
export async function openLog(settings: Settings): Promise<Log> {
  const { level, file } = settings.config.log;
  if (file === null) return { stage: () => {}, finished: () => {}, failed: () => {} };
  const { settingsPath, writeFailure } = await import('@basketwise/pipeline');
  const { default: pino } = await import('pino');
  const path = settingsPath(settings, file);
  const logger = (() => {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      rotate(path);
      const options = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
      return pino(options, pino.destination({ dest: path, sync: true, mode: 0o600 }));
    } catch (cause) {
      throw writeFailure(path, cause);
    }
  })();
  return {
    stage: (stage) => logger.info(stage, 'stage'),
    finished: (run, warnings) => {
      for (const warning of warnings) logger.warn(warning);
      logger.info({ run }, 'finished');
    },
    failed: (error) => logger.error(failureOf(error), 'failed'),
  };
}
