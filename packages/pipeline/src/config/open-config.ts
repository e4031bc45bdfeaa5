import { basename, dirname, resolve } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { type ParsedText, parseText, readConfigText, usualOutput } from './config-text.ts';
import type { Settings } from './load.ts';

/** A config file that was read, and checked only as far as a caller needs. */
export interface ConfigFile {
  /** Absolute path of the output folder. */
  output: string;
  /** Checks all keys. @throws AppError config with every problem and its line */
  settings(): Promise<Settings>;
}

/**
 * Reads a config file for its output folder. The other keys are not checked, as most of the time of a start is for their schema; a config
 * whose `output.dir` is no plain text is checked as a whole.
 * @param folder base of a relative path
 * @throws AppError missing-input if there is no such file, config with every problem and its line
 */
export async function openConfig(file: string, folder = process.cwd()): Promise<ConfigFile> {
  const { path, text } = await readConfigText(file, folder);
  const parsed = parseText(text);
  const settings = async () => {
    const { parseConfig } = await import('./load.ts');
    return { file: path, ...parseConfig(text, basename(file), parsed) };
  };
  const dir = plainOutput(parsed) ?? (await settings()).config.output.dir;
  return { output: resolve(dirname(path), dir), settings };
}

/** `output.dir` of a faultless YAML text; undefined if it is anything but text. */
function plainOutput({ document, faults }: ParsedText): string | undefined {
  if (faults.length > 0 || !isMap(document.contents)) return undefined;
  const output = document.contents.get('output', true);
  if (output === undefined) return usualOutput;
  const dir = isMap(output) ? output.get('dir', true) : null;
  if (dir === undefined) return usualOutput;
  return isScalar(dir) && typeof dir.value === 'string' ? dir.value.trim() || undefined : undefined;
}
