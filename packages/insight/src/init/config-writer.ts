import { plainLine } from '@basketwise/core/base';
import { Document, isCollection, Scalar, visit } from 'yaml';

/** Note on a key of the written config, which a person should check. */
export interface Note {
  /** Line number in the config, from 1. */
  line: number;
  key: string;
  /** `edit`: the person must change the key before a run. `check`: the data do not show clearly that the value is right. */
  kind: 'edit' | 'check';
  text: string;
}

/** Largest length of a line of a comment. */
const commentWidth = 130;

/** Text stays on one line: broken quoted text gains a backslash at a line of blanks (yaml 2.x). */
const oneLine = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY };

/** Characters that some readers take for the end of a line, or drop, in text without quotes. */
const unread = /\p{Cc}|[\u2028\u2029\ufeff]/u;

/**
 * Writes a config as YAML with comments, line by line. Names and values may come from the bank, so the YAML library quotes them where
 * needed. Control characters in comments are escaped, so that they cannot begin a line.
 */
export class ConfigWriter {
  readonly #lines: string[] = [];
  readonly #notes: Note[] = [];
  /** Number of the line of the newest key or comment. */
  #line = 0;
  /** Section without entries so far: its indentation, and the position of its line. */
  #empty: { indent: number; at: number } | undefined;
  /** Largest indentation of a comment: after a text of several lines, a deeper comment would belong to the text. */
  #deepest = Number.POSITIVE_INFINITY;

  /** Adds a comment, broken at words. */
  comment(indent: number, text: string): void {
    const at = Math.min(indent, this.#deepest);
    this.#add(...brokenLines(plainLine(text), commentWidth - at).map((line) => `${' '.repeat(at)}#${line}`));
  }

  gap(): void {
    this.#lines.push('');
  }

  /** Adds a key with a nested map or list. Its entries follow. */
  section(indent: number, key: string): void {
    this.#key(indent, yamlLine(key, null).replace(/ null$/, ''));
    this.#empty = { indent, at: this.#lines.length - 1 };
  }

  /** Adds a value of a list. */
  item(indent: number, value: unknown, why = ''): void {
    this.#key(indent, `- ${yamlOf(value)}${endComment(why)}`);
  }

  /** Adds `key: value` as one line. A short comment follows on the same line, a longer comment stands on the lines before. */
  entry(indent: number, key: string, value: unknown, why = ''): void {
    const line = yamlLine(key, value);
    const isLong = indent + line.length + why.length + 3 > commentWidth;
    if (isLong && why !== '') this.comment(indent, why);
    this.#key(indent, isLong ? line : line + endComment(why));
  }

  /** Adds `key:` with a text of several lines. */
  block(indent: number, key: string, text: string): void {
    const node = new Scalar(`${text}\n`);
    // Blanks at the ends of a block are lost, and characters in it cannot be escaped.
    node.type = /^\S(.*\S)?$/s.test(text) && !unread.test(text.replaceAll('\n', '')) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    this.#key(indent, yamlLine(key, node));
    this.#deepest = indent;
  }

  /** Adds a note on the newest key, or on the comment that takes its place. */
  note(kind: Note['kind'], key: string, text: string): void {
    this.#notes.push({ key, kind, text, line: this.#line });
  }

  /** Returns the text of the config, and the notes. */
  finish(): { text: string; notes: Note[] } {
    this.#closeSection(0);
    return { text: `${this.#lines.join('\n')}\n`, notes: this.#notes };
  }

  #add(...lines: readonly string[]): void {
    this.#line = this.#lines.length + 1;
    this.#lines.push(...lines);
  }

  #key(indent: number, text: string): void {
    this.#closeSection(indent);
    this.#deepest = Number.POSITIVE_INFINITY;
    this.#add(...text.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line)));
  }

  #closeSection(indent: number): void {
    if (this.#empty && indent <= this.#empty.indent) this.#lines[this.#empty.at] += ' {}';
    this.#empty = undefined;
  }
}

const endComment = (why: string) => (why === '' ? '' : ` # ${plainLine(why)}`);

/** Breaks text into lines at words. All lines but the first are indented. */
function brokenLines(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > most && line.trim() !== '') {
      lines.push(line);
      line = `   ${word}`;
    } else line += ` ${word}`;
  }
  return [...lines, line];
}

/** `key: value` as one line of YAML. */
export function yamlLine(key: string, value: unknown): string {
  const document = new Document({ [key]: value });
  const node = document.get(key, true);
  if (isCollection(node)) node.flow = true;
  return textOf(document);
}

function yamlOf(value: unknown): string {
  const document = new Document(value);
  if (isCollection(document.contents)) document.contents.flow = true;
  return textOf(document);
}

function textOf(document: Document): string {
  visit(document, {
    Scalar(_, node) {
      if (node.type !== Scalar.BLOCK_LITERAL && typeof node.value === 'string' && unread.test(node.value))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString(oneLine).trimEnd();
}
