import { AppError } from '@basketwise/core';
import { type Engine, queryRows } from '@basketwise/data';
import { type BankServer, type BankTables, openBankFiles, openBankServer } from './bank-tables.ts';
import { columnSamples } from './column-samples.ts';
import { composeTables } from './compose.ts';
import type { Note } from './config-writer.ts';
import { readFormats, surveyUnread, type UnreadTable } from './formats.ts';
import { findLinks } from './links.ts';
import { type Proposal, propose } from './propose.ts';
import type { InitAnswers, Survey } from './roles.ts';
import type { TableFacts } from './survey.ts';
import { writeConfig } from './write-config.ts';

/** Results of a survey of a bank, and the config for it. */
export interface InitResult {
  proposal: Proposal;
  text: string;
  notes: readonly Note[];
}

/** Tables of a bank after the survey. They are open for further queries; the caller closes them. */
export interface SurveyedBank {
  survey: Survey;
  /** Tables that could not be read, and why. */
  unreadable: readonly { name: string; why: string }[];
  /**
   * Makes the config for these tables.
   * @throws AppError missing-input if no table has customers or holdings
   */
  configFor(file: string, choices?: InitAnswers): Promise<InitResult>;
  close(): Promise<void>;
}

/**
 * Surveys the tables of a folder of files, of a DuckDB database file, or of a server. Reads each table once, and writes nothing.
 * @throws AppError missing-input if there are no tables
 */
export async function surveyBank(where: string | BankServer, tell: (step: string) => void = () => {}): Promise<SurveyedBank> {
  const bank = await (typeof where === 'string' ? openBankFiles(where) : openBankServer(where));
  try {
    const { tables, unreadable } = await readTables(bank, tell);
    tell('comparing keys');
    const surveys = new Map<string | undefined, Promise<Survey>>();
    const surveyFor = (order: string | undefined) => {
      const made = surveys.get(order) ?? surveyOf(bank, tables, order);
      surveys.set(order, made);
      return made;
    };
    return {
      ...{ survey: await surveyFor(undefined), unreadable },
      close: () => bank.close(),
      configFor: async (file, choices = {}) => configFor(bank, await surveyFor(choices.dayOrder), file, choices),
    };
  } catch (error) {
    await bank.close();
    throw error;
  }
}

/**
 * Surveys the tables with their formats applied.
 * @param order order of day and month for columns whose values do not show it
 */
async function surveyOf({ engine }: BankTables, unread: readonly UnreadTable[], order: string | undefined): Promise<Survey> {
  const tables = await readFormats(engine, unread, order);
  const sampleColumn = columnSamples(engine);
  const links = await findLinks(engine, sampleColumn, tables);
  return { tables, links, sampleColumn, pairShare: pairShares(engine) };
}

async function readTables({ engine, names, reach }: BankTables, tell: (step: string) => void) {
  const tables: UnreadTable[] = [];
  const unreadable: { name: string; why: string }[] = [];
  let first: AppError | undefined;
  for (const name of names) {
    tell(`reading ${name}`);
    try {
      const table = await surveyUnread(engine, await reach(name));
      if (table.table.rows === 0) unreadable.push({ name, why: 'it has no rows' });
      else tables.push(table);
    } catch (error) {
      if (!(error instanceof AppError) || isEnd(error)) throw error;
      first ??= error;
      unreadable.push({ name, why: error.message });
    }
  }
  if (tables.length === 0 && first) throw first;
  return { tables, unreadable };
}

/** Whether an error concerns the whole server, not a single table. */
function isEnd({ code }: AppError): boolean {
  return code === 'unreachable' || code === 'interrupted';
}

async function configFor(bank: BankTables, survey: Survey, file: string, choices: InitAnswers): Promise<InitResult> {
  const { engine, label } = bank;
  const source = bank.sourceFor(file);
  const composed = await composeTables(engine, survey, choices);
  const proposal = await propose(engine, composed, choices);
  if (!proposal) {
    const seen = survey.tables.map(
      ({ name, rows, columns }) => `${name} (${rows} rows: ${columns.map((one) => one.name).join(', ')})`,
    );
    throw new AppError(
      'missing-input',
      `${label}: no table refers to a table of customers; the tables are\n  ${seen.join('\n  ')}`,
      'A bank has a table of customers, one of products, and one of holdings with the keys of both: deliver them, or begin with `basketwise init` and set them by hand.',
    );
  }
  const from = String(source.keys.path ?? label);
  return { proposal, ...writeConfig(proposal, source, from) };
}

/** Largest number of rows of a table whose pairs are all counted. In a larger table, about this number of rows is used. */
const mostRows = 250_000;

/**
 * Makes a function that counts the distinct pairs of values of two columns, once for each two columns. In a large table, it counts
 * only the pairs whose first value a hash selects.
 */
function pairShares(engine: Engine): Survey['pairShare'] {
  const { identifier } = engine.dialect;
  const counted = new WeakMap<TableFacts, Map<string, Promise<number>>>();
  const count = async (table: TableFacts, names: readonly string[]) => {
    const columns = names.map(identifier).join(', ');
    const every = Math.ceil(table.rows / mostRows);
    const rows = `(SELECT ${columns} FROM ${table.from} t WHERE hash(${identifier(names[0]!)}) % ${every} = 0)`;
    const pairs = `(SELECT count(*) AS n FROM ${rows} r GROUP BY ${columns}) pairs`;
    const [row] = await queryRows(engine, `SELECT CAST(count(*) AS DOUBLE) AS pairs, CAST(sum(n) AS DOUBLE) AS n FROM ${pairs}`);
    return Number(row!.n) === 0 ? 1 : Number(row!.pairs) / Number(row!.n);
  };
  return (table, one, other) => {
    const ofTable = counted.get(table) ?? new Map<string, Promise<number>>();
    counted.set(table, ofTable);
    const names = [one.name, other.name];
    const share = ofTable.get(names.join('\0')) ?? count(table, names);
    ofTable.set(names.join('\0'), share);
    return share;
  };
}
