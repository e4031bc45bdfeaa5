import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { AppError } from '@basketwise/core';
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { configWarnings, crossProblems } from './checks.ts';
import { type Problem, pathText, placeOf, problemsOf } from './problems.ts';
import { type Config, configJsonSchema, configSchema } from './schema.ts';

/** A config that was read and found valid. */
export interface Settings {
  /** Absolute path of the config file. */
  file: string;
  config: Config;
  /** What is allowed but hardly meant, each with its line. */
  warnings: readonly string[];
}

/** Resolves a path of the config, which starts from the folder of the config file. */
export function settingsPath(settings: Settings, path: string): string {
  return resolve(dirname(settings.file), path);
}

/**
 * Reads and checks a config file.
 * @throws AppError missing-input where there is no such file, config with every problem and its line
 */
export async function loadConfig(file: string): Promise<Settings> {
  const path = resolve(file);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EACCES') {
      throw new AppError('not-permitted', `config ${file} cannot be read: permission denied`, 'Let this user read it.', {
        cause,
      });
    }
    throw new AppError('missing-input', `no config at ${file}`, '`basketwise init` writes one; --config names another.', {
      cause,
    });
  });
  return { file: path, ...parseConfig(text, basename(file)) };
}

/**
 * Checks the text of a config; `name` is what messages call it.
 * @throws AppError config with every problem and its line
 */
export function parseConfig(text: string, name: string): Omit<Settings, 'file'> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  keepKeysAsWritten(document);
  const broken = [...document.errors, ...document.warnings].map(({ message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `${name}:${line}:${col} ${message}`;
  });
  if (broken.length > 0) throw refuse(name, broken);
  const say = ({ path, message, atKey }: Problem) => {
    const { line, column } = placeOf(document, lines, path, atKey ?? false);
    return `${name}:${line}:${column} ${path.length > 0 ? `${pathText(path)}: ` : ''}${message}`;
  };
  const parsed = configSchema.safeParse(valuesOf(document, name) ?? {}, { reportInput: true });
  if (!parsed.success) throw refuse(name, problemsOf(parsed.error.issues, configJsonSchema()).map(say));
  const problems = crossProblems(parsed.data);
  if (problems.length > 0) throw refuse(name, problems.map(say));
  return { config: parsed.data, warnings: configWarnings(parsed.data).map(say) };
}

/** Keys such as `null` or `1` are the words that were written, not values. */
function keepKeysAsWritten(document: Document): void {
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && typeof pair.key.value !== 'string') pair.key.value = pair.key.source ?? String(pair.key.value);
    },
  });
}

/** @throws AppError config where aliases point at nothing or multiply without end */
function valuesOf(document: Document, name: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw refuse(name, [`${name}: ${cause.message}`]);
  }
}

function refuse(name: string, problems: readonly string[]): AppError {
  const [first, ...more] = problems;
  const message =
    more.length === 0
      ? first!
      : `${name} has ${problems.length} problems\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
  return new AppError('config', message, 'Mend the config; docs/config.md describes every key.');
}
