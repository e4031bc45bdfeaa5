import { stringify } from 'yaml';

/** Something of a written config that somebody should look at. */
export interface Note {
  /** Line in the config, from 1. */
  line: number;
  key: string;
  /** `edit`: without it no run can be; `check`: content alone does not settle it. */
  kind: 'edit' | 'check';
  text: string;
}

/** Longest line of a comment. */
const width = 130;

/** Writes the text of a config line by line, with comments, and keeps where what is unsure stands. */
export class ConfigWriter {
  readonly #lines: string[] = [];
  readonly notes: Note[] = [];

  /** A comment, broken at words. */
  comment(indent: number, text: string): void {
    const start = `${' '.repeat(indent)}# `;
    let line = start.trimEnd();
    for (const word of text.split(' ')) {
      if (line.length + 1 + word.length > width && line.trim() !== '#') {
        this.#lines.push(line);
        line = `${start.trimEnd()}  ${word}`;
      } else line += ` ${word}`;
    }
    this.#lines.push(line);
  }

  /** A line as it is. */
  raw(line = ''): void {
    this.#lines.push(line);
  }

  /** `key: value`, with a comment behind where it is short, else above. */
  entry(indent: number, key: string, value: unknown, why = ''): void {
    const line = `${' '.repeat(indent)}${key}: ${scalar(value)}`;
    if (why !== '' && line.length + why.length + 3 > width) {
      this.comment(indent, why);
      this.#lines.push(line);
    } else this.#lines.push(why === '' ? line : `${line} # ${why}`);
  }

  /** `key:` and a text of several lines. */
  block(indent: number, key: string, text: string): void {
    this.#lines.push(`${' '.repeat(indent)}${key}: |`);
    for (const line of text.split('\n')) this.#lines.push(`${' '.repeat(indent + 2)}${line}`);
  }

  /** Notes something of the last line. */
  note(kind: Note['kind'], key: string, text: string): void {
    this.notes.push({ line: this.#lines.length, key, kind, text });
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** A value as YAML has it on one line. */
export function scalar(value: unknown): string {
  return stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trim();
}
