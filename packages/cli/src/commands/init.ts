import { lstat, readFile, stat } from 'node:fs/promises';
import { AppError } from '@basketwise/core/base';
import type { BankServer, InitResult, SurveyedBank } from '@basketwise/insight';
import type { Command } from 'commander';
import { askAbout } from '../ask.ts';
import { type Answer, action } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface InitOptions {
  hive?: string;
  spark?: string;
  postgres?: string;
  schema?: string;
  tables?: string;
  user?: string;
  passwordEnv?: string;
  tls?: true;
  unencryptedLogin?: true;
  auth?: string;
  out: string;
  yes?: true;
  json?: true;
}

/**
 * Server that the options name; undefined if they name none.
 * @throws AppError usage if they name several, or a server together with a folder
 */
function serverIn(path: string | undefined, options: InitOptions): BankServer | undefined {
  const { hive, spark, postgres, tables, schema, user, passwordEnv, tls, unencryptedLogin, auth } = options;
  const named = Object.entries({ hive, spark, postgres }).flatMap(([engine, address]) =>
    address === undefined ? [] : [{ engine, address }],
  );
  const [server, another] = named;
  if (another || (server && path !== undefined))
    throw new AppError('usage', 'one bank at a time', 'Name a folder, or one of --hive, --spark and --postgres.');
  const access = { schema, user, passwordEnv, tls, unencryptedLogin, auth };
  if (server) return { ...server, ...access, tables: tables?.split(',').map((name) => name.trim()) };
  const alone = Object.entries({ ...access, tables }).find(([, value]) => value !== undefined);
  if (alone)
    throw new AppError(
      'usage',
      `--${alone[0].replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)} is about a server`,
      'Name one: --hive, --spark or --postgres.',
    );
  return undefined;
}

async function refuseExisting(file: string): Promise<void> {
  const { ifThere } = await import('@basketwise/data/base');
  // Looks at a link itself, not at its target.
  if ((await ifThere(file, lstat(file))) !== undefined)
    throw new AppError('cannot-write', `${file} exists already`, 'Remove it first, or name another file.');
}

/** Writes the template of a config, for use without access to the tables. `given` is the path of the file in messages. */
async function writeTemplate(file: string, given: string): Promise<Answer> {
  await refuseExisting(file);
  const template = await readFile(new URL('../../templates/basketwise.yaml', import.meta.url), 'utf8');
  const { writeWhole } = await import('@basketwise/data/base');
  await writeWhole(file, template);
  return { json: { config: given }, text: `wrote ${given}: set its paths and columns, then run \`basketwise run\`\n` };
}

/** Reads the tables of a bank, and writes a config for them. */
async function writeFor(terminal: Terminal, bankAt: string | BankServer, { out, yes, json }: InitOptions): Promise<Answer> {
  const file = terminal.path(out);
  await refuseExisting(file);
  const { writeWhole } = await import('@basketwise/data/base');
  const { initText, surveyBank } = await import('@basketwise/insight');
  const bank = await surveyBank(bankAt, terminal.tell);
  try {
    const isAsking = !yes && !json && process.stdin.isTTY === true && terminal.isAsking;
    const written = isAsking ? await askAbout(bank, file) : await bank.configFor(file);
    await writeWhole(file, written.text);
    return { json: initAnswer(out, bank, written), text: initText(out, bank, written) };
  } finally {
    await bank.close();
  }
}

function initAnswer(file: string, { unreadable }: SurveyedBank, { proposal, notes }: InitResult) {
  const { roles, products, holdings, others, referenceDate, contacts } = proposal;
  const { confidence } = roles;
  return {
    config: file,
    referenceDate: referenceDate?.date ?? null,
    customers: { table: roles.customers.table.name, id: roles.customers.id.name, confidence: confidence.customers.value },
    products: {
      table: roles.products.table.name,
      code: products.code.column?.name ?? null,
      class: products.class.column?.name ?? null,
      confidence: confidence.products.value,
    },
    holdings: {
      table: roles.holdings.table.name,
      customer: roles.holdings.customer.from.column.name,
      product: roles.holdings.product?.from.column.name ?? null,
      by: products.by,
      date: holdings.date.column?.name ?? null,
      closed: holdings.closed.column?.name ?? null,
      confidence: confidence.holdings.value,
    },
    contacts: contacts?.table.name ?? null,
    unused: others.map(({ name }) => name),
    unreadable,
    notes,
  };
}

async function init(terminal: Terminal, given: string | undefined, options: InitOptions): Promise<Answer> {
  const server = serverIn(given, options);
  if (server) return writeFor(terminal, server, options);
  if (given?.includes('://'))
    throw new AppError('usage', 'this is a URL, not a path', 'Name a folder, or a server by --hive, --spark or --postgres.');
  const path = terminal.path(given ?? 'basketwise.yaml');
  const { ifThere } = await import('@basketwise/data/base');
  const stats = await ifThere(path, stat(path));
  const isBank = stats?.isDirectory() || (stats?.isFile() && /\.(duckdb|db|ddb)$/i.test(path));
  return isBank ? writeFor(terminal, path, options) : writeTemplate(path, given ?? 'basketwise.yaml');
}

/** Registers `basketwise init`: writes a config for a bank's tables, or a template with comments. */
export function registerInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .argument(
      '[path]',
      'folder of tables or DuckDB database to write a config for; else the template to write (default: "basketwise.yaml")',
    )
    .description('read the tables of a folder or server and write a config for them; without one, write a commented template')
    .option('--hive <host[:port][/database]>', 'read the tables of HiveServer2 instead')
    .option('--spark <host[:port][/database]>', 'read the tables of a Spark Thrift Server instead')
    .option('--postgres <variable>', 'read the tables of PostgreSQL instead; the environment variable holds its address')
    .option('--schema <name>', 'schema (database) of the tables on the server')
    .option('--tables <names>', 'tables to read, separated by commas; without it all of the schema, at most 60')
    .option('--user <name>', 'user for Hive or Spark')
    .option('--password-env <variable>', 'environment variable that holds the password for Hive or Spark')
    .option('--tls', 'encrypt the connection to the server, as `tls: {}` of a config does')
    .option('--unencrypted-login', 'send the password without --tls to another machine, in clear text')
    .option('--auth <how>', 'authentication of the Hive or Spark server: none, ldap or nosasl')
    .option('-o, --out <file>', 'the config to write for the tables', 'basketwise.yaml')
    .option('-y, --yes', 'do not ask: accept all guesses')
    .option('--json', 'print one JSON document on stdout; do not ask')
    .action(action(terminal, (_: string | undefined, { json }: InitOptions) => json === true, init));
}
