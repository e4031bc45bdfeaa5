import type { Command } from 'commander';
import { type Failure, failureOf, tellFailure } from './failure.ts';
import { print } from './streams.ts';

/** Options that every command with a config has. */
export interface CommonOptions {
  config: string;
  json?: true;
}

/** Adds `--config` and `--json`. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the config', 'basketwise.yaml')
    .option('--json', 'print one JSON document on stdout');
}

/** A command's answer on stdout. */
export interface Answer {
  /** With `--json`. */
  json: unknown;
  /** For people. */
  text: string;
  /** Of the process; absent: 0. */
  exitCode?: number;
}

/**
 * Makes the action of a command: runs it, prints its answer on stdout, turns an error into its exit code. The heavy packages are imported
 * inside `run`, so that `--help` does not load them.
 * @param indent of JSON; 0: it is one line, which is the last one, as schedulers read it
 */
export function action<Arguments extends unknown[]>(
  isJson: (...given: Arguments) => boolean,
  run: (...given: Arguments) => Promise<Answer>,
  indent = 2,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      const { json, text, exitCode } = await run(...given);
      if (exitCode !== undefined) process.exitCode = exitCode;
      print(isJson(...given) ? `${JSON.stringify(json, null, indent)}\n` : text);
    } catch (error) {
      const failure: Failure = failureOf(error);
      process.exitCode = failure.exitCode;
      if (isJson(...given)) print(`${JSON.stringify({ error: failure }, null, indent)}\n`);
      tellFailure(failure);
    }
  };
}
