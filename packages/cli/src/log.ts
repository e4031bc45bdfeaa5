import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { plainText } from '@basketwise/core/base';
import type { Settings, StageState } from '@basketwise/pipeline';
import { failureOf } from './failure.ts';
import type { Terminal } from './terminal.ts';

/**
 * Log of a job, as JSON lines in the file that `log.file` names. Without this key, nothing is written. The log has no customer
 * ids.
 */
export interface Log {
  stage(stage: StageState): void;
  finished(run: string, warnings: readonly string[]): void;
  failed(error: unknown, warnings: readonly string[]): void;
  /** Resolves when all lines are in the file. */
  close(): Promise<void>;
}

/** Log that writes nothing. */
export const silentLog: Log = { stage: () => {}, finished: () => {}, failed: () => {}, close: async () => {} };

/**
 * Opens the log of a config. When the file reaches `log.max_size`, it is rotated: `x.log` is renamed to `x.log.1`, the former
 * `x.log.1` to `x.log.2`, and so on up to `log.keep`.
 * If the disk is full later, the job continues, and stderr has one message.
 * @throws AppError cannot-write if the file cannot be opened
 */
export async function openLog(settings: Settings, terminal: Terminal): Promise<Log> {
  const { level, file, max_size: size, keep } = settings.config.log;
  if (file === null) return silentLog;
  const { settingsPath } = await import('@basketwise/pipeline');
  const path = settingsPath(settings, file);
  const stream = await openLogFile(path, { size, keep }, terminal);
  const { default: pino } = await import('pino');
  const lines = { write: (line: string) => void stream.write(plainText(line)) };
  const logger = pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, lines);
  return {
    stage: (stage) => logger.info(stage, 'stage'),
    finished: (run, warnings) => {
      for (const warning of warnings) logger.warn(warning);
      logger.info({ run }, 'finished');
    },
    failed: (error, warnings) => {
      for (const warning of warnings) logger.warn(warning);
      logger.error(failureOf(error), 'failed');
    },
    close: () => new Promise((resolve) => (stream.destroyed ? resolve() : stream.end(resolve))),
  };
}

/** Opens a log file that only its owner can read. It is rotated at `size` bytes, and `keep` old files are retained. */
async function openLogFile(path: string, { size, keep }: { size: number; keep: number }, { say }: Terminal) {
  const { writeFailure } = await import('@basketwise/data/base');
  const { createStream } = await import('rotating-file-stream');
  const name = basename(path);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const nameOf = (turn: number | Date | null) => (turn ? `${name}.${turn}` : name);
    const stream = createStream(nameOf, { path: dirname(path), size: `${size}B`, rotate: keep, mode: 0o600 });
    await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      say(`warning: the log ends here, ${path} cannot be written: ${error.code ?? error.message}\n`);
    });
    return stream;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== undefined) throw writeFailure(path, cause);
    const { AppError } = await import('@basketwise/core/base');
    throw new AppError('cannot-write', `cannot write the log: ${message}`, 'Name another log.file.', { cause });
  }
}
