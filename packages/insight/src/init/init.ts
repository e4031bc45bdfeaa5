import { AppError } from '@basketwise/core';
import { type BankServer, type BankTables, openBankFiles, openBankServer } from './bank-tables.ts';
import { columnSamples } from './column-samples.ts';
import { composeTables } from './compose.ts';
import type { Note } from './config-writer.ts';
import { readFormats, surveyUnread, type UnreadTable } from './formats.ts';
import { findDatedKeys, findLinks } from './links.ts';
import { pairShares } from './pair-shares.ts';
import { type Proposal, propose } from './propose.ts';
import type { InitAnswers, Survey } from './roles.ts';
import { writeConfig } from './write-config.ts';

/** Findings about a bank, and the config for it. */
export interface InitResult {
  proposal: Proposal;
  text: string;
  notes: readonly Note[];
}

/** Surveyed tables, open for further queries. Close it. */
export interface SurveyedBank {
  survey: Survey;
  /** Unreadable tables, with the reason. */
  unreadable: readonly { name: string; why: string }[];
  /** Config for these tables. @throws AppError missing-input if no table is of customers or holdings */
  configFor(file: string, choices?: InitAnswers): Promise<InitResult>;
  close(): Promise<void>;
}

/**
 * Reads the tables of a folder of files, of a DuckDB database file, or of a server, each once. Writes nothing.
 * @throws AppError missing-input without any
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

/** Survey of the tables. `order` is the order of day and month where no value shows it. */
async function surveyOf({ engine }: BankTables, unread: readonly UnreadTable[], order: string | undefined): Promise<Survey> {
  const tables = await readFormats(engine, unread, order);
  const datedKeys = await findDatedKeys(engine, tables);
  const sampleColumn = columnSamples(engine);
  const links = await findLinks(engine, sampleColumn, { tables, datedKeys });
  return { tables, datedKeys, links, sampleColumn, pairShare: pairShares(engine) };
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

/** Whether a failure affects the whole server, not a single table. */
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
