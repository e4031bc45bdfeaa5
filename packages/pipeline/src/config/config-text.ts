import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '@basketwise/core/base';
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';

/** Default of `output.dir`, relative to the config file. */
export const usualOutput = './out';

/** Largest size of a config in bytes. The parser takes seconds for a megabyte. */
const mostConfigBytes = 2 ** 20;

/**
 * Reads the text of a config file.
 * @param folder base of a relative path
 * @returns the absolute path of the file, and its text
 * @throws AppError missing-input if there is no such file, not-permitted, config if it is too long
 */
export async function readConfigText(file: string, folder: string): Promise<{ path: string; text: string }> {
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
  return { path, text };
}

/** Reads the text of a config from a file or a pipe. @throws AppError config if it is too long */
async function readConfig(path: string, name: string): Promise<string> {
  const handle = await open(path);
  try {
    const bytes = Buffer.alloc(mostConfigBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= mostConfigBytes; length += read)
      ({ bytesRead: read } = await handle.read(bytes, length, bytes.length - length));
    if (length <= mostConfigBytes) return bytes.toString('utf8', 0, length);
    throw new AppError('config', `${name} has more than 1 MB`, 'Is it a config? docs/reference/config.md describes every key.');
  } finally {
    await handle.close();
  }
}

/** Fault of a YAML text. `at` is its offset in the text. */
export interface TextFault {
  message: string;
  at: number;
}

/** YAML text after parsing: its document, the positions of its lines, and its faults. */
export type ParsedText = ReturnType<typeof parseText>;

/** Parses the YAML text of a config. */
export function parseText(text: string): { document: Document.Parsed; lines: LineCounter; faults: TextFault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    message: unquoted(message),
    at: pos[0],
  }));
  return { document, lines, faults: [...faults, ...faultyKeys(document)] };
}

/**
 * Message of the parser without the part of the config that the parser quotes after a colon. The quoted part may be a password
 * that begins with `*` or `!`.
 */
export function unquoted(message: string): string {
  return message.replace(/(?<=[\w)]): [\s\S]*$/, '').replace(/^(Invalid escape sequence) .*/s, '$1');
}

/**
 * Converts keys such as `null` or `1` to texts. Finds invalid keys: `__proto__`, and keys that occur twice in a map. The parser's
 * own check for repeated keys is off, because it compares each key with all keys before it.
 */
function faultyKeys(document: Document): TextFault[] {
  const faults: TextFault[] = [];
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
