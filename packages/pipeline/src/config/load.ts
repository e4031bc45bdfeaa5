import { open } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { AppError } from '@basketwise/core/error';
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { asksPushdown } from '../drivers/drivers.ts';
import { configWarnings, crossProblems } from './checks.ts';
import { type Problem, pathText, positionOf, problemsOf } from './problems.ts';
import { type Config, configJsonSchema, configSchema } from './schema.ts';

/** A config that was read and is valid. */
export interface Settings {
  /** Absolute path of the config file. */
  file: string;
  config: Config;
  /** Warnings of values that are allowed but hardly intended, each with its line. */
  warnings: readonly string[];
  /** Converts problems found later to one error with their lines. */
  refuse(problems: readonly Problem[]): AppError;
}

/** Resolves a path of the config, relative to the folder of the config file. */
export function settingsPath(settings: Settings, path: string): string {
  return resolve(dirname(settings.file), path);
}

/**
 * Reads and checks a config file.
 * @param folder base of a relative path
 * @throws AppError missing-input if there is no such file, config with every problem and its line
 */
export async function loadConfig(file: string, folder = process.cwd()): Promise<Settings> {
  const path = resolve(folder, file);
  const text = await readConfig(path, file).catch((cause: NodeJS.ErrnoException) => {
    if (cause instanceof AppError) throw cause;
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

/** Most bytes of a config: the parser takes seconds for a megabyte. */
const mostBytes = 2 ** 20;

/** Text of a config, which may come through a pipe. @throws AppError config if it is too long */
async function readConfig(path: string, name: string): Promise<string> {
  const handle = await open(path);
  try {
    const bytes = Buffer.alloc(mostBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= mostBytes; length += read)
      ({ bytesRead: read } = await handle.read(bytes, length, bytes.length - length));
    if (length <= mostBytes) return bytes.toString('utf8', 0, length);
    throw new AppError('config', `${name} has more than 1 MB`, 'Is it a config? docs/reference/config.md describes every key.');
  } finally {
    await handle.close();
  }
}

/**
 * Checks the text of a config; `name` is its name in messages.
 * @throws AppError config with every problem and its line
 */
export function parseConfig(text: string, name: string): Omit<Settings, 'file'> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    message: unquoted(message),
    at: pos[0],
  }));
  const broken = [...faults, ...faultyKeys(document)].map(({ message, at }) => {
    const { line, col } = lines.linePos(at);
    return `${name}:${line}:${col} ${message}`;
  });
  if (broken.length > 0) throw configError(name, broken);
  const say = ({ path, message, atKey }: Problem) => {
    const { line, column } = positionOf(document, lines, path, atKey ?? false);
    return `${name}:${line}:${column} ${path.length > 0 ? `${pathText(path)}: ` : ''}${message}`;
  };
  const parsed = configSchema.safeParse(withModel(documentValues(document, name) ?? {}), { reportInput: true });
  const problems = parsed.success ? crossProblems(parsed.data) : problemsOf(parsed.error.issues, configJsonSchema());
  if (!parsed.success || problems.length > 0) throw configError(name, problems.slice(0, mostMessages).map(say), problems.length);
  return {
    config: parsed.data,
    warnings: configWarnings(parsed.data).map(say),
    refuse: (late) => configError(name, late.slice(0, mostMessages).map(say), late.length),
  };
}

/** Default model with pushdown if holdings have no dates: `als`, as learning needs data that stays on the server. */
function withModel(values: unknown): unknown {
  const { model, source, tables } = values as { model?: unknown; source?: unknown; tables?: { holdings?: { date?: unknown } } };
  const isUndated = (tables?.holdings?.date ?? null) === null;
  return model === undefined && isUndated && asksPushdown(source) ? { ...(values as object), model: { kind: 'als' } } : values;
}

/**
 * Makes keys such as `null` or `1` texts, not values, and finds keys that occur twice in a map (the parser would compare each with all
 * before it) or that no object can have.
 */
function faultyKeys(document: Document): { message: string; at: number }[] {
  const faults: { message: string; at: number }[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (typeof key.value !== 'string') key.value = key.source ?? String(key.value);
        const at = key.range?.[0] ?? 0;
        if (seen.has(key.value)) faults.push({ message: 'Map keys must be unique', at });
        if (key.value === '__proto__') faults.push({ message: '`__proto__` cannot be a key', at });
        seen.add(key.value);
      }
    },
  });
  return faults;
}

/** A message of the parser without the text that it quotes after a colon, which may be a password that begins with `*` or `!`. */
function unquoted(message: string): string {
  return message.replace(/(?<=[\w)]): [\s\S]*$/, '').replace(/^(Invalid escape sequence) .*/s, '$1');
}

/** @throws AppError config if aliases are undefined or multiply without end */
function documentValues(document: Document, name: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw configError(name, [`${name}: ${unquoted(cause.message)}`]);
  }
}

/** Most problems that a message lists. */
const mostMessages = 100;

/** @param found total number of problems; `messages` are the first ones */
function configError(name: string, messages: readonly string[], found = messages.length): AppError {
  const problems = messages.slice(0, mostMessages);
  if (found > problems.length) problems.push(`and ${found - problems.length} more`);
  const [first, ...more] = problems;
  const message =
    more.length === 0 ? first! : `${name} has ${found} problems\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
  return new AppError('config', message, 'Mend the config; docs/reference/config.md describes every key.');
}
