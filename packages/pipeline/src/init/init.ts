import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import type { Note } from './config-writer.ts';
import { findEncoding, findTableFiles } from './find-tables.ts';
import { findDatedKeys, findLinks } from './links.ts';
import { type Proposal, propose } from './propose.ts';
import type { Choices, Survey } from './roles.ts';
import { surveyTable, type TableFacts } from './survey.ts';
import { writeConfig } from './write-config.ts';
import type { SourceFacts } from './write-tables.ts';

/** What was found of a bank, and the config for it. */
export interface InitResult {
  proposal: Proposal;
  text: string;
  notes: readonly Note[];
}

/** Tables that were looked at, open for asking them more. Close it. */
export interface SurveyedBank {
  survey: Survey;
  /** Tables that cannot be read, and why. */
  unreadable: readonly { name: string; why: string }[];
  /** The config for these tables. @throws AppError missing-input where no table is of customers or holdings */
  configFor(file: string, choices?: Choices): Promise<InitResult>;
  close(): Promise<void>;
}

/**
 * Looks at the tables of a folder of files, or of a DuckDB database file: reads them once, and writes nothing.
 * @throws AppError missing-input where there are none
 */
export async function surveyBank(path: string, tell: (step: string) => void = () => {}): Promise<SurveyedBank> {
  const isFolder = (await stat(path)).isDirectory();
  const encoding = isFolder ? await findEncoding(path) : 'utf-8';
  const spill = await mkdtemp(join(tmpdir(), 'basketwise-'));
  let engine: DuckdbEngine | undefined;
  const close = async () => {
    await engine?.close();
    await rm(spill, { recursive: true, force: true });
  };
  try {
    engine = await openDuckdb({ memory: '2GB', threads: 2, tempDirectory: spill, path, encoding });
    const names = isFolder ? await findTableFiles(path) : await engine.tables();
    if (names.length === 0)
      throw new AppError(
        'missing-input',
        `${path} has no tables: no .csv, .tsv, .txt (also .gz), .parquet or .arrow files`,
        'Name the folder that they are in.',
      );
    const { tables, unreadable } = await readTables(engine, names, tell);
    tell('comparing keys');
    const datedKeys = await findDatedKeys(engine, tables);
    const survey: Survey = { tables, datedKeys, links: await findLinks(engine, tables, datedKeys) };
    const source: SourceFacts = { isFolder, encoding };
    const asked = engine;
    return {
      survey,
      unreadable,
      close,
      configFor: (file, choices = {}) => configFor(asked, survey, source, path, file, choices),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readTables(engine: DuckdbEngine, names: readonly string[], tell: (step: string) => void) {
  const tables: TableFacts[] = [];
  const unreadable: { name: string; why: string }[] = [];
  for (const name of names) {
    tell(`reading ${name}`);
    try {
      const table = await surveyTable(engine, name);
      if (table.rows === 0) unreadable.push({ name, why: 'it has no rows' });
      else tables.push(table);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      unreadable.push({ name, why: error.message });
    }
  }
  return { tables, unreadable };
}

async function configFor(
  engine: DuckdbEngine,
  survey: Survey,
  source: SourceFacts,
  path: string,
  file: string,
  choices: Choices,
): Promise<InitResult> {
  const proposal = await propose(engine, survey, choices);
  if (!proposal) {
    const seen = survey.tables.map(
      ({ name, rows, columns }) => `${name} (${rows} rows: ${columns.map((one) => one.name).join(', ')})`,
    );
    throw new AppError(
      'missing-input',
      `${path}: no table points at another that could be that of customers; there are\n  ${seen.join('\n  ')}`,
      'A bank has a table of customers, one of products, and one of holdings with the keys of both: deliver them, or begin with `basketwise init` and set them by hand.',
    );
  }
  const from = relative(dirname(resolve(file)), resolve(path)) || '.';
  return { proposal, ...writeConfig(proposal, source, from.startsWith('.') || from.startsWith('/') ? from : `./${from}`, from) };
}
