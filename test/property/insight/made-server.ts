// Rows of a server by date, in a file beside the output folder: a kill undoes what comes after it there, too.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type Settings, settingsPath } from '@basketwise/pipeline';
import type { PublishedRows, TargetChange } from '../../../packages/pipeline/src/stages/publish-finished.ts';

/** Whether each call fails. */
export const server = { isDown: false };

type Rows = Record<string, string>;
const fileOf = (output: string) => join(dirname(output), 'server.json');

/** Run whose rows a date has, by date. */
export const rowsOf = (output: string): Rows =>
  existsSync(fileOf(output)) ? (JSON.parse(readFileSync(fileOf(output), 'utf8')) as Rows) : {};

function change(settings: Settings, work: (rows: Rows) => void): void {
  if (server.isDown) throw new AppError('unreachable', 'the server is down', 'Start it.');
  const output = settingsPath(settings, settings.config.output.dir);
  const rows = rowsOf(output);
  work(rows);
  writeFileSync(fileOf(output), JSON.stringify(rows));
}

/** In place of `publishFinished`. */
export async function publishRows(settings: Settings, run: string): Promise<TargetChange[]> {
  change(settings, (rows) => {
    rows[run.slice(0, 10)] = run;
  });
  return [];
}

/** In place of `followPublished`. */
export async function followRows(settings: Settings, { runs, check }: PublishedRows): Promise<TargetChange[]> {
  const wanted = new Map(runs.map(({ date, run }) => [date as string, run]));
  const mayBe = new Map<string, boolean>();
  for (const run of wanted.values())
    mayBe.set(
      run,
      await check(run).then(
        () => true,
        () => false,
      ),
    );
  change(settings, (rows) => {
    for (const [date, publisher] of Object.entries(rows)) {
      const run = wanted.get(date);
      if (run === publisher) continue;
      if (run !== undefined && mayBe.get(run)) rows[date] = run;
      else delete rows[date];
    }
  });
  return [];
}

/** In place of its namesake. */
export const placesElsewhere = async (): Promise<string[]> => [];
