import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '@basketwise/pipeline';
import type { Reaction } from '@basketwise/sample/write';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { action, settingsOf, shareNumber, wholeNumber } from '../command.ts';
import { version } from '../program.ts';
import { runWithProgress } from '../run-job.ts';
import type { Terminal } from '../terminal.ts';

interface SampleOptions {
  customers: number;
  seed: number;
  out: string;
  language: 'en' | 'ko';
  nights?: number;
  react?: number;
  json?: true;
}

/** Days from one run to the next. */
const nightDays = 7;

/** Number of earlier states of the sample bank's customers. They are a year apart. */
const snapshots = 3;

/** File whose presence means that `sample` wrote the tables in the folder. */
const markerFile = 'sample.json';

/** Makes the sample bank, unless the folder already has the same one. Returns a text that says which. */
async function makeBank(folder: string, { customers, seed, language }: SampleOptions): Promise<string> {
  const { generateBank } = await import('@basketwise/sample/write');
  const { readJson, writeJson } = await import('@basketwise/data/base');
  const marker = join(folder, markerFile);
  const wanted = { version: version(), customers, seed, language, snapshots };
  if (JSON.stringify(await readJson(marker)) === JSON.stringify(wanted)) return 'unchanged, skipped';
  // Written before the bank, so that an interrupted sample is recognised.
  await writeJson(marker, { ...wanted, unfinished: true });
  const made = await generateBank({ customers, seed, language, snapshots, folder });
  await writeJson(marker, wanted);
  return `${made.customers} customers, ${made.products} products, ${made.holdings} holdings`;
}

/**
 * Throws if the config file exists and is not that of the sample.
 * @throws AppError cannot-write for another config, not-permitted if it cannot be read
 */
async function refuseOther(config: string, text: string): Promise<void> {
  const { ifThere } = await import('@basketwise/data/base');
  const existing = await ifThere(config, readFile(config, 'utf8'));
  if (existing !== undefined && existing.split('\n')[0] !== text.split('\n')[0]) throw await notSample(config);
}

/**
 * Throws if the folder has tables that `sample` did not write.
 * @throws AppError cannot-write
 */
async function refuseTables(data: string): Promise<void> {
  const { ifThere } = await import('@basketwise/data/base');
  const names = (await ifThere(data, readdir(data))) ?? [];
  const table = names.find((name) => name.endsWith('.parquet'));
  if (table !== undefined && !names.includes(markerFile)) throw await notSample(join(data, table));
}

async function notSample(path: string) {
  const { AppError } = await import('@basketwise/core/base');
  return new AppError(
    'cannot-write',
    `${path} exists, and is not the sample's`,
    'Name another folder with --out: nothing was changed.',
  );
}

async function writeSample(terminal: Terminal, options: SampleOptions) {
  const { seed, language, nights = 0, react = 0 } = options;
  const out = terminal.path(options.out);
  const { makeFolder, writeWhole } = await import('@basketwise/data/base');
  const { sampleConfig } = await import('@basketwise/sample');
  const [config, text] = [
    join(out, 'basketwise.yaml'),
    sampleConfig({ history: true, validation: true, offers: true, language, ...(nights === 0 && { window: '6 months' }) }),
  ];
  const data = join(out, 'data');
  await refuseOther(config, text);
  await refuseTables(data);
  await makeFolder(data);
  terminal.say(`sample bank: ${await makeBank(data, options)}\n`);
  const { startContacts } = await import('@basketwise/sample/write');
  if (!existsSync(join(data, 'contacts.parquet'))) await startContacts(data);
  await writeWhole(config, text);
  const settings = await settingsOf(config, terminal);
  return nights === 0
    ? runWithProgress(terminal, settings, {})
    : passNights(terminal, settings, nights, data, { effect: react, seed, language });
}

/**
 * Executes runs that are a week apart; the last has the date of the sample. After each run, simulates contacts with the customers
 * on its contact list.
 */
async function passNights(terminal: Terminal, settings: Settings, nights: number, data: string, reaction: Reaction) {
  const { minusSpan } = await import('@basketwise/core');
  const { sampleReferenceDate } = await import('@basketwise/sample');
  const { contactsFile, reactTo } = await import('@basketwise/sample/write');
  for (let night = nights - 1; ; night--) {
    const date = minusSpan(sampleReferenceDate, { months: 0, days: night * nightDays });
    if (night > 0 && existsSync(join(data, contactsFile(date)))) continue;
    terminal.say(`night of ${date}\n`);
    const answer = await runWithProgress(terminal, settings, { referenceDate: date });
    if (night === 0) return answer;
    const { folder } = answer.json as { folder: string };
    await reactTo(data, join(folder, 'contact-list.parquet'), date, reaction);
  }
}

function parseWhole(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

/** Registers `basketwise sample`: generates a bank, and runs the whole job on it. */
export function registerSample(program: Command, terminal: Terminal): void {
  program
    .command('sample')
    .description('generate a sample bank and run the whole job on it')
    .option('--customers <n>', 'number of customers', parseWhole, 20_000)
    .option('--seed <n>', 'seed of the generator', parseWhole, 0)
    .option('--out <folder>', 'folder of bank, config and results', './sample')
    .addOption(new Option('--language <language>', 'language of product names').choices(['en', 'ko']).default('en'))
    .option('--nights <n>', 'number of weekly runs, with customers who are contacted after each', wholeNumber)
    .option(
      '--react <share>',
      'share of contacted customers who purchase because of it, with --nights (default: none)',
      shareNumber,
    )
    .option('--json', 'print one JSON document on stdout')
    .action(action(terminal, ({ json }: SampleOptions) => json === true, writeSample));
}
