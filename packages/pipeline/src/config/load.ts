import { basename, dirname, resolve } from 'node:path';
import { AppError } from '@basketwise/core/base';
import type { Document } from 'yaml';
import { asksPushdown } from '../drivers/drivers.ts';
import { configWarnings, crossProblems } from './checks.ts';
import { type ParsedText, parseText, readConfigText, unquoted } from './config-text.ts';
import { type Problem, pathText, positionOf, problemsOf } from './problems.ts';
import { type Config, configJsonSchema, configSchema } from './schema.ts';

/** Valid config, with the path of its file. */
export interface Settings {
  /** Absolute path of the config file. */
  file: string;
  config: Config;
  /** Warnings about values that are allowed but unusual, each with its line. */
  warnings: readonly string[];
  /** Makes one error that lists problems found by later checks, each with its line in the config. */
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
  const { path, text } = await readConfigText(file, folder);
  return { file: path, ...parseConfig(text, basename(file)) };
}

/**
 * Checks the text of a config.
 * @param name name of the config in messages
 * @param parsedText the parsed text, if the caller has it already
 * @throws AppError config with every problem and its line
 */
export function parseConfig(text: string, name: string, parsedText: ParsedText = parseText(text)): Omit<Settings, 'file'> {
  const { document, lines, faults } = parsedText;
  const broken = faults.map(({ message, at }) => {
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

/**
 * Sets the default model to `als` with pushdown if holdings have no dates. The usual default, `automatic`, would need data that stays on the server.
 */
function withModel(values: unknown): unknown {
  const { model, source, tables } = values as { model?: unknown; source?: unknown; tables?: { holdings?: { date?: unknown } } };
  const isUndated = (tables?.holdings?.date ?? null) === null;
  return model === undefined && isUndated && asksPushdown(source) ? { ...(values as object), model: { kind: 'als' } } : values;
}

/** Values of a YAML document. @throws AppError config if an alias is undefined, or if aliases expand to too many values */
function documentValues(document: Document, name: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw configError(name, [`${name}: ${unquoted(cause.message)}`]);
  }
}

/** Largest number of problems that one message lists. */
const mostMessages = 100;

/** Error that lists the problems of a config. @param messages the first problems @param found number of all problems */
function configError(name: string, messages: readonly string[], found = messages.length): AppError {
  const problems = messages.slice(0, mostMessages);
  if (found > problems.length) problems.push(`and ${found - problems.length} more`);
  const [first, ...more] = problems;
  const message =
    more.length === 0 ? first! : `${name} has ${found} problems\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
  return new AppError('config', message, 'Correct the config; docs/reference/config.md describes every key.');
}

/**
 * Config of a finished run, from the run's manifest. A key that the manifest lacks gets its default, not its value in the present
 * config file. A manifest contains no secrets, and no locations of source and output.
 */
export function configOfRun(written: Partial<Config>): Config {
  const defaults = Object.entries(configSchema.shape).map(([key, schema]) => [key, schema.safeParse(undefined).data]);
  const { source, output, ...all } = Object.fromEntries(defaults) as Config;
  return { ...all, ...written, source: { ...source, ...written.source }, output: { ...output, ...written.output } } as Config;
}

/**
 * Config of a run of unknown origin, checked by the schema of config files. Undefined if this version would refuse it.
 * @param written config in the run's manifest
 */
export function checkedConfigOfRun(written: object): Config | undefined {
  const given = JSON.parse(JSON.stringify(written, (_, value) => spanText(value) ?? value));
  return configSchema.safeParse({ ...given, source: { path: '.' } }).data;
}

/** Text of a span as a config has it; undefined for other values. */
function spanText(value: unknown): string | undefined {
  const { months, days, ...more } = (value ?? {}) as { months?: unknown; days?: unknown };
  if (typeof months !== 'number' || typeof days !== 'number' || Object.keys(more).length > 0) return undefined;
  return months > 0 ? `${months} months` : days % 7 === 0 ? `${days / 7} weeks` : `${days} days`;
}
