import type { PlainDate } from '@basketwise/core';
import type { Settings } from '@basketwise/pipeline';
import { type Command, InvalidArgumentError } from 'commander';
import { type Failure, failureOf, failureText } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** Options of all commands that read a config. */
export interface CommonOptions {
  config: string;
  json?: true;
}

/** Adds the options `--config` and `--json` to a command. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'config file', 'basketwise.yaml')
    .option('--json', 'print one JSON document on stdout');
}

/** Options of the commands that sign their entry in the journal. */
export interface SignerOptions extends CommonOptions {
  as?: string;
  key?: string;
}

/** Adds the options `--as` and `--key` to a command. */
export function withSigner(command: Command): Command {
  return withCommonOptions(command)
    .option('--as <name>', 'name of the key in `release.keys`; the only one that may do this without it')
    .option('--key <file>', 'its private key in PEM, instead of that in `release.keys`');
}

/** Name and key file of the person who signs. An option that is not given is absent. */
export function signerOf({ as, key }: SignerOptions, terminal: Terminal): { as?: string; key?: string } {
  return { ...(as !== undefined && { as }), ...(key !== undefined && { key: terminal.path(key) }) };
}

/**
 * Reads and checks the config that the command line names. Loads nothing else.
 * @throws AppError missing-input without the file, config if it is invalid
 */
export async function settingsOf(config: string, { cwd }: Terminal): Promise<Settings> {
  const { loadConfig } = await import('@basketwise/pipeline');
  return loadConfig(config, cwd);
}

/** Options of the commands that have a reference date. */
export interface DatedOptions extends CommonOptions {
  referenceDate?: string;
}

/** Adds `--reference-date`. @param what description of the date in the help; the possible forms follow it */
export function withReferenceDate(command: Command, what: string): Command {
  return command.option('--reference-date <date>', `${what}, instead of that of the config: ${dayForms}`, dayOfText);
}

/**
 * Config and reference date that the command line names. Without a date in the options, that of the config is used. With
 * `latest`, the holdings are read for their newest date.
 * @param option name of the date's option, for messages
 * @throws AppError usage for an invalid day; also the errors of `settingsOf`
 */
export async function datedSettingsOf(
  { config, referenceDate: given }: DatedOptions,
  terminal: Terminal,
  option = '--reference-date',
): Promise<{ settings: Settings; dated: { referenceDate?: PlainDate } }> {
  await checkDay(given, option);
  const settings = await settingsOf(config, terminal);
  if (given !== 'latest') return { settings, dated: given === undefined ? {} : { referenceDate: given as PlainDate } };
  const { newestDayOf } = await import('@basketwise/insight');
  return { settings, dated: { referenceDate: await newestDayOf(settings) } };
}

/** Checks the day of an option. @throws AppError usage for an invalid day */
export async function checkDay(given: string | undefined, option: string): Promise<void> {
  const { AppError } = await import('@basketwise/core/base');
  const { isPlainDate } = await import('@basketwise/core');
  if (given !== undefined && given !== 'latest' && !isPlainDate(given))
    throw new AppError('usage', `${option} ${given}: no such day`, `Write it as ${dayForms}.`);
}

/** Answer of a command, which is printed on stdout. */
export interface Answer {
  /** Value that is printed as JSON with `--json`. */
  json: unknown;
  /** Text that is printed without `--json`. */
  text: string;
  /** Exit code of the process. Absent: 0. */
  exitCode?: number;
}

/**
 * Makes the function that commander calls for a command. It runs the command, prints the answer on stdout, and converts an error
 * to an exit code.
 * Heavy packages are imported inside `run`, so that `--help` does not load them.
 * @param indent spaces per level of the JSON; 0: one line, which is the last on stdout, so that schedulers can read it
 */
export function action<Arguments extends unknown[]>(
  terminal: Terminal,
  isJson: (...given: Arguments) => boolean,
  run: (terminal: Terminal, ...given: Arguments) => Promise<Answer>,
  indent = 2,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      const { json, text, exitCode } = await run(terminal, ...given);
      if (exitCode !== undefined) terminal.exitCode = exitCode;
      terminal.print(isJson(...given) ? `${JSON.stringify(json, null, indent)}\n` : text);
    } catch (error) {
      const failure: Failure = failureOf(error);
      terminal.exitCode = failure.exitCode;
      if (isJson(...given)) terminal.print(`${JSON.stringify({ error: failure }, null, indent)}\n`);
      terminal.say(failureText(failure));
    }
  };
}

/** Parses a whole number of at least 1. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}

/** Parses the number of an exit code. */
export function exitCodeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 255) throw new InvalidArgumentError('expected an exit code, 0 to 255');
  return Number(text);
}

/** Parses a share: above 0, and at most 1. */
export function shareNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1)) throw new InvalidArgumentError('expected a share above 0, at most 1');
  return value;
}

/** Possible forms of a date on the command line, for help texts and hints. */
export const dayForms = 'YYYY-MM-DD, `today`, `yesterday`, or `latest`: the newest day of the holdings';

/** Parses a date. `today` and `yesterday` become days in the machine's time zone (TZ). Any other text is returned unchanged. */
export function dayOfText(text: string): string {
  if (text !== 'today' && text !== 'yesterday') return text;
  const now = new Date();
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (text === 'today' ? 0 : 1));
  return [String(day.getFullYear()), ...[day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0'))].join(
    '-',
  );
}
