import { lstat, readFile, stat } from 'node:fs/promises';
import { AppError } from '@basketwise/core/error';
import type { InitResult, SurveyedBank } from '@basketwise/pipeline';
import type { Command } from 'commander';
import { askAbout } from '../ask.ts';
import { type Answer, action } from '../command.ts';
import { say } from '../streams.ts';

interface InitOptions {
  out: string;
  yes?: true;
  json?: true;
}

async function refuseExisting(file: string): Promise<void> {
  const { ifThere } = await import('@basketwise/pipeline');
  // of a link itself, wherever it leads
  if ((await ifThere(file, lstat(file))) !== undefined)
    throw new AppError('cannot-write', `${file} is there already`, 'Remove it first, or name another file.');
}

/** Writes the template: for tables that are not at hand. */
async function writeTemplate(file: string): Promise<Answer> {
  await refuseExisting(file);
  const template = await readFile(new URL('../../templates/basketwise.yaml', import.meta.url), 'utf8');
  const { writeWhole } = await import('@basketwise/pipeline');
  await writeWhole(file, template);
  return { json: { config: file }, text: `wrote ${file}: set its paths and columns, then run \`basketwise run\`\n` };
}

/** Looks at tables and writes a config for them. */
async function writeFor(path: string, { out: file, yes, json }: InitOptions): Promise<Answer> {
  await refuseExisting(file);
  const { initText, surveyBank, writeWhole } = await import('@basketwise/pipeline');
  const bank = await surveyBank(path, (step) => say(`${step}\n`));
  try {
    const isAsking = !yes && !json && process.stdin.isTTY === true && process.stderr.isTTY === true;
    const found = isAsking ? await askAbout(bank, file) : await bank.configFor(file);
    await writeWhole(file, found.text);
    return { json: answer(file, bank, found), text: initText(file, bank, found) };
  } finally {
    await bank.close();
  }
}

function answer(file: string, { unreadable }: SurveyedBank, { proposal, notes }: InitResult) {
  const { roles, products, holdings, others, referenceDate } = proposal;
  return {
    config: file,
    referenceDate: referenceDate?.date ?? null,
    customers: { table: roles.customers.table.name, id: roles.customers.id.name },
    products: {
      table: roles.products.table.name,
      code: products.code.column?.name ?? null,
      class: products.class.column?.name ?? null,
    },
    holdings: {
      table: roles.holdings.table.name,
      customer: roles.holdings.customer.from.column.name,
      product: roles.holdings.product?.from.column.name ?? null,
      by: products.by,
      date: holdings.date.column?.name ?? null,
      closed: holdings.closed.column?.name ?? null,
    },
    unused: others.map(({ name }) => name),
    unreadable,
    notes,
  };
}

async function init(path: string, options: InitOptions): Promise<Answer> {
  const { ifThere } = await import('@basketwise/pipeline');
  const found = await ifThere(path, stat(path));
  const isBank = found?.isDirectory() || (found?.isFile() && /\.(duckdb|db|ddb)$/i.test(path));
  return isBank ? writeFor(path, options) : writeTemplate(path);
}

/** `basketwise init`: a config for a bank's tables, or a commented one to start from. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .argument(
      '[path]',
      'folder of tables (or a DuckDB database) to write a config for; else the template to write',
      'basketwise.yaml',
    )
    .description('look at the tables of a folder and write a config for them; without a folder, a commented template')
    .option('-o, --out <file>', 'the config to write for a folder', 'basketwise.yaml')
    .option('-y, --yes', 'do not ask: take what is guessed')
    .option('--json', 'print one JSON document on stdout; asks nothing')
    .action(action((_: string, { json }: InitOptions) => json === true, init));
}
