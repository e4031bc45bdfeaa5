import { basename, dirname, resolve } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { type ParsedText, parseText, readConfigText, usualOutput } from './config-text.ts';
import type { Settings } from './load.ts';

/** Config file of which only the keys below have been checked. */
export interface ConfigFile {
  /** Absolute path of the output folder. */
  output: string;
  /** Whether runs are published only after approvals, because the config has `release`. */
  needsApprovals: boolean;
  /** Checks all keys. @throws AppError config with every problem and its line */
  settings(): Promise<Settings>;
}

/**
 * Reads a config file for its output folder. Other keys are not checked, because loading their schema takes most of a command's
 * start time. A config whose `output.dir` is not plain text is checked as a whole.
 * @param folder base of a relative path
 * @throws AppError missing-input if there is no such file, config if it is too long
 */
export async function openConfig(file: string, folder = process.cwd()): Promise<ConfigFile> {
  const { path, text } = await readConfigText(file, folder);
  const parsed = parseText(text);
  const settings = async () => {
    const { parseConfig } = await import('./load.ts');
    return { file: path, ...parseConfig(text, basename(file), parsed) };
  };
  const plain = plainOutput(parsed);
  const config = plain === undefined ? (await settings()).config : undefined;
  const needsApprovals =
    config === undefined
      ? isMap(parsed.document.contents) && parsed.document.contents.has('release')
      : config.release !== undefined;
  return { output: resolve(dirname(path), plain ?? config!.output.dir), needsApprovals, settings };
}

/** Value of `output.dir`, or its default, if the YAML text has no faults. Undefined if the value is not a text. */
function plainOutput({ document, faults }: ParsedText): string | undefined {
  if (faults.length > 0 || !isMap(document.contents)) return undefined;
  const output = document.contents.get('output', true);
  if (output === undefined) return usualOutput;
  const dir = isMap(output) ? output.get('dir', true) : null;
  if (dir === undefined) return usualOutput;
  return isScalar(dir) && typeof dir.value === 'string' ? dir.value.trim() || undefined : undefined;
}
