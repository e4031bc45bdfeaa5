import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type CalendarSpan, minusSpan, type PlainDate } from '@basketwise/core';
import { loadConfig, type RunReport, rollback, runJob } from '@basketwise/pipeline';
import fc from 'fast-check';
import { selectCampaigns } from '../../../packages/cli/src/select-campaigns.ts';
import { campaignName, type RandomBank } from './random-bank.ts';

/** Something done in an output folder: a run of a night with a value of offers, all of it or its first campaign alone, or a rollback. */
type Move = { do: 'run' | 'select'; night: number; value: number } | { do: 'rollback'; to: number };

/** Moves before tonight is run, and run again. */
export type RandomNights = readonly Move[];

/** Days before the reference date of each night; the last is tonight. */
const nights = [75, 40, 12, 0];
const tonight = nights.length - 1;
/** Worth of the deposits, beside 10 of all others. */
const values = [0, 10, 40];
/** Position of tonight's: tonight is the same run whenever it is run. */
const valueOfTonight = 1;

const run = (kind: 'run' | 'select') =>
  fc.record({ do: fc.constant(kind), night: fc.constantFrom(0, 1, 2, tonight, tonight), value: fc.nat(values.length - 1) });

export const randomNights: fc.Arbitrary<RandomNights> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: run('run') },
    { weight: 1, arbitrary: run('select') },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback' as const), to: fc.nat(9) }) },
  ),
  { minLength: 3, maxLength: 7 },
);

function dateOf(bank: RandomBank, night: number): PlainDate {
  return minusSpan(bank.referenceDate as PlainDate, { months: 0, days: nights[night]! });
}

/** Writes a config of the bank with offers; its path. */
async function writeConfig(folder: string, dir: string, value: number): Promise<string> {
  const config = JSON.parse(await readFile(join(folder, 'basketwise.yaml'), 'utf8'));
  const contacts = { from: 'contacts.csv', customer: 'customer', what: 'what', when: 'day' };
  const offers = {
    value: { classes: { deposit: values[value] }, others: 10 },
    capacity: { all: { most: 9 } },
    contacts: { rest: { offer: '60 days' } },
    control: { share: 0.4, salt: 'random nights' },
  };
  const path = join(folder, 'nights.yaml');
  await writeFile(join(folder, 'contacts.csv'), 'customer,what,day\n');
  await writeFile(
    path,
    JSON.stringify({
      ...{
        ...config,
        tables: { ...config.tables, contacts },
        offers,
        evaluate: { window: '30 days', gap: '0 days', bootstrap: 100 },
      },
      ...{ workers: 1, output: { ...config.output, dir, report: false } },
    }),
  );
  return path;
}

/** A run, or the code with which it is refused: nights before there were holdings are. */
async function served(path: string, referenceDate: PlainDate, campaign?: string): Promise<RunReport | string> {
  const whole = await loadConfig(path);
  const settings = campaign === undefined ? whole : selectCampaigns(whole, [`campaign:${campaign}`]);
  try {
    return await runJob(settings, { referenceDate, acceptDrop: true, aside: campaign !== undefined });
  } catch (error) {
    if (error instanceof AppError && error.code !== 'bug') return error.code;
    throw error;
  }
}

/** Results of a run: sha256 of each of its files. */
async function filesOf({ folder }: RunReport): Promise<Readonly<Record<string, string>>> {
  const { files } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as {
    files: { file: string; sha256: string }[];
  };
  return Object.fromEntries(files.map(({ file, sha256 }) => [file, sha256]));
}

/**
 * Makes moves in an output folder of a bank, and then runs tonight: faults of it. It is held against a fresh folder that has the published run of
 * each night before and nothing else, and its read-out against what `latest` was, by a list of the moves alone.
 */
export async function faultsOfNights(bank: RandomBank, moves: RandomNights, folder: string): Promise<string[]> {
  const output = join(folder, 'nights');
  // runs in the order in which they were made latest, without those that were rolled back from
  let stack: { run: string; night: number }[] = [];
  const made: { run: string; night: number }[] = [];
  const publish = (of: { run: string; night: number }) => {
    made.push(of);
    stack = [...stack, of];
  };
  for (const move of moves) {
    if (move.do === 'rollback') {
      if (made.length === 0) continue;
      const to = made[move.to % made.length]!;
      await rollback(output, to.run);
      const at = stack.findLastIndex(({ run: name }) => name === to.run);
      stack = at < 0 ? [...stack, to] : stack.slice(0, at + 1);
      continue;
    }
    const { night } = move;
    const path = await writeConfig(folder, 'nights', night === tonight ? valueOfTonight : move.value);
    const ended = await served(path, dateOf(bank, night), move.do === 'select' ? campaignName(0) : undefined);
    if (typeof ended !== 'string' && move.do === 'run') publish({ run: ended.run, night });
  }
  const config = (dir: string) => writeConfig(folder, dir, valueOfTonight);
  const now = await served(await config('nights'), dateOf(bank, tonight));
  const before = [...new Map(stack.map((of) => [of.night, of])).values()].filter(({ night }) => night < tonight);
  before.sort((a, b) => a.night - b.night);
  const fresh = join(folder, 'fresh');
  for (const { run: name } of before) {
    await cp(join(output, 'runs', name), join(fresh, 'runs', name), { recursive: true });
    await rollback(fresh, name);
  }
  const afresh = await served(await config('fresh'), dateOf(bank, tonight));
  if (typeof now === 'string' || typeof afresh === 'string')
    return now === afresh ? [] : [`tonight: ${codeOf(now)}; in a fresh folder: ${codeOf(afresh)}`];
  const window: CalendarSpan = { months: 0, days: 30 };
  const until = minusSpan(dateOf(bank, tonight), window);
  const readOut = now.outcomes!.runs.map(({ run: name }) => name).join();
  const wanted = before.flatMap(({ run: name, night }) => (dateOf(bank, night) <= until ? [name] : [])).join();
  const [files, freshFiles] = [await filesOf(now), await filesOf(afresh)];
  const differing = Object.keys({ ...files, ...freshFiles }).filter((file) => files[file] !== freshFiles[file]);
  await rm(fresh, { recursive: true });
  const again = await served(await config('nights'), dateOf(bank, tonight));
  const isSkipped = typeof again !== 'string' && again.stages.every(({ status }) => status === 'skipped');
  return [
    ...(differing.length > 0 ? [`tonight, other than in a fresh folder: ${differing.join(', ')}`] : []),
    ...(readOut === wanted ? [] : [`read out: ${readOut}; latest was ${wanted}`]),
    ...(isSkipped ? [] : ['tonight, done again at once, was not skipped']),
  ];
}

function codeOf(ended: RunReport | string): string {
  return typeof ended === 'string' ? ended : 'served';
}
