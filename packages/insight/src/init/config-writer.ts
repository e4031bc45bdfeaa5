import { plainLine } from '@basketwise/core/plain-text';
import { type ConfigPath, positionOf } from '@basketwise/pipeline/parts';
import { Document, isCollection, isMap, LineCounter, parseDocument, Scalar, visit, YAMLMap, YAMLSeq } from 'yaml';

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
/** Number of blanks by which the keys of a nested map are indented. */
const indentStep = 2;

/** Text stays on one line: broken quoted text gains a backslash at a line of blanks (yaml 2.x). */
const oneLine = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY };

/** Characters that some readers take for the end of a line, or drop, in text without quotes. */
const unread = /\p{Cc}|[\u2028\u2029\ufeff]/u;

/** Comment that is written before the next entry. */
interface PendingComment {
  indent: number;
  lines: readonly string[];
}

/**
 * Writes a config as YAML with comments. Names and values may come from the bank, so the YAML library quotes them where needed.
 * Control characters in comments are escaped, so that they cannot begin a line.
 */
export class ConfigWriter {
  readonly #document = new Document(new YAMLMap());
  /** Maps and lists that are open, by depth. */
  readonly #open: (YAMLMap | YAMLSeq)[] = [this.#document.contents as YAMLMap];
  readonly #notes: Omit<Note, 'line'>[] = [];
  #pending: PendingComment[] = [];
  #isApart = false;

  /**
   * Adds a comment to the next entry, broken at words. If no entry follows in the section, the comment ends the section.
   */
  comment(indent: number, text: string): void {
    this.#pending.push({ indent, lines: brokenLines(plainLine(text), commentWidth - indent) });
  }

  /** Adds an empty line before the next entry. */
  gap(): void {
    this.#flush(0);
    if (this.#pending.length === 0) this.#isApart = true;
    else if (this.#open[0]!.items.length > 0) this.#pending.push({ indent: 0, lines: [''] });
    else {
      const { commentBefore: before } = this.#document;
      this.#document.commentBefore = [before ?? [], commentOf(this.#pending)].flat().join('\n\n');
      this.#pending = [];
    }
  }

  /** Adds a key with a nested map. Its entries follow. */
  section(indent: number, key: string): void {
    this.#add(indent, key, new YAMLMap());
  }

  /** Adds a key with a list. Each value has a line. */
  list(indent: number, key: string, items: readonly { value: unknown; why: string }[]): void {
    const list = new YAMLSeq();
    for (const { value, why } of items) list.add(this.#node(value, why));
    this.#add(indent, key, list);
  }

  /** Adds `key: value` as one line. A short comment follows on the same line, a longer comment stands on the lines before. */
  entry(indent: number, key: string, value: unknown, why = ''): void {
    const isLong = indent + yamlLine(key, value).length + why.length + 3 > commentWidth;
    if (isLong && why !== '') this.comment(indent, why);
    this.#add(indent, key, this.#node(value, isLong ? '' : why));
  }

  /** Adds `key:` with a text of several lines. */
  block(indent: number, key: string, text: string): void {
    const node = new Scalar(`${text}\n`);
    // Blanks at the ends of a block are lost, and characters in it cannot be escaped.
    node.type = /^\S(.*\S)?$/s.test(text) && !unread.test(text.replaceAll('\n', '')) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    this.#add(indent, key, node);
  }

  /** Adds a note on a key, or on the comment that takes its place. */
  note(kind: Note['kind'], key: string, text: string): void {
    this.#notes.push({ key, kind, text });
  }

  /** Returns the text of the config, and the notes with their line numbers. */
  finish(): { text: string; notes: Note[] } {
    this.#flush(0);
    if (this.#pending.length > 0) this.#document.comment = commentOf(this.#pending);
    visit(this.#document, {
      Scalar(_, node) {
        if (node.type !== Scalar.BLOCK_LITERAL && typeof node.value === 'string' && unread.test(node.value))
          node.type = Scalar.QUOTE_DOUBLE;
      },
    });
    const text = this.#document.toString(oneLine);
    const lines = new LineCounter();
    const written = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    return { text, notes: this.#notes.map((note) => ({ ...note, line: lineOfKey(note.key, text, written, lines) })) };
  }

  #node(value: unknown, why: string) {
    const node = this.#document.createNode(value);
    if (isCollection(node)) node.flow = true;
    if (why !== '') node.comment = ` ${plainLine(why)}`;
    return node;
  }

  #add(indent: number, key: string, value: unknown): void {
    const depth = indent / indentStep;
    this.#flush(indent);
    const name = new Scalar(key);
    if (this.#pending.length > 0) name.commentBefore = commentOf(this.#pending);
    name.spaceBefore = this.#isApart;
    this.#pending = [];
    this.#isApart = false;
    const into = this.#open[depth];
    if (isMap(into)) into.add(this.#document.createPair(name, value));
    this.#open.length = depth + 1;
    if (value instanceof YAMLMap || value instanceof YAMLSeq) this.#open.push(value);
  }

  /** Moves pending comments of deeper sections to the ends of these sections, because the next entry is not in them. */
  #flush(indent: number): void {
    for (const depth of this.#open.keys()) {
      const deepest = this.#open.length - 1;
      const own = this.#pending.filter((one) => one.indent > indent && Math.min(one.indent / indentStep, deepest) === depth);
      const section = this.#open[depth]!;
      if (own.length > 0) section.comment = [section.comment ?? [], commentOf(own)].flat().join('\n');
    }
    this.#pending = this.#pending.filter((one) => one.indent <= indent);
  }
}

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

function commentOf(comments: readonly PendingComment[]): string {
  return comments.flatMap(({ lines }) => lines).join('\n');
}

/** `key: value` as one line of YAML. */
export function yamlLine(key: string, value: unknown): string {
  const document = new Document({ [key]: value });
  const node = document.get(key, true);
  if (isCollection(node)) node.flow = true;
  return document.toString(oneLine).trimEnd();
}

/**
 * Number of the line of a key, such as `rules[0]`. If the key is missing, the line of the comment in its place, or of the key above.
 */
function lineOfKey(key: string, text: string, document: Document, lines: LineCounter): number {
  const path: ConfigPath = key
    .split(/[.[\]]+/)
    .flatMap((part) => (part === '' ? [] : [/^\d+$/.test(part) ? Number(part) : part]));
  const { line } = positionOf(document, lines, path, true);
  if (document.hasIn(path)) return line;
  const start = path.length === 1 ? 0 : line - 1;
  const instead = text.split('\n').findIndex((one, i) => i >= start && one.trimStart().startsWith(`# ${path.at(-1)}:`));
  return instead < 0 ? line : instead + 1;
}
