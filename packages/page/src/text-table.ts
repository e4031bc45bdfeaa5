import { plainLine } from '@basketwise/core/base';

/** Largest width of a table, in terminal columns, if the caller gives none. A table whose other columns take more is wider. */
const terminalColumns = 100;
/** Smallest width of the first column, in terminal columns. */
const least = 24;

/** Text of at most `most` characters; a longer one ends with `…`. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
}

/**
 * Cells as lines of aligned text. The first column is aligned left, and wrapped if the table would be too wide for a terminal.
 * The others are aligned right. Wide characters count as two columns.
 * @param width largest width of the table, in terminal columns. Then all columns are wrapped, and words are broken if the table
 * cannot fit otherwise. Cells begin on the first line of their row; heads end on the last line of the head. Default: 100, with
 * only the first column wrapped
 */
export function textTable(rows: readonly (readonly (string | number)[])[], width?: number): string {
  const cells = rows.map((row) => row.map((cell) => plainLine(String(cell))));
  const columns = cells[0]?.map((_, c) => cells.map((row) => row[c] ?? '')) ?? [];
  const natural = columns.map((texts) => Math.max(...texts.map(widthOf)));
  const breaks = width === undefined ? wordBreaks : breaksWithin(columns, width);
  const fewest = width === undefined ? [least, ...natural.slice(1)] : columns.map((texts) => longestPart(texts, breaks));
  const narrowed = narrowedTo(natural, fewest, width ?? terminalColumns);
  const lines = columns.map((texts, c) =>
    texts.map((text) => (natural[c]! > narrowed[c]! ? partLines(text, narrowed[c]!, breaks) : [text])),
  );
  const widths = lines.map((column) => Math.max(...column.flat().map(widthOf)));
  const row = (r: number) => lines.map((column) => column[r]!);
  return cells.flatMap((_, r) => rowLines(row(r), widths, width === undefined || r === 0)).join('');
}

/** Text lines of one table row. With `lastLines`, cells of fewer lines are aligned to the last line, otherwise to the first. */
function rowLines(cells: readonly (readonly string[])[], widths: readonly number[], lastLines: boolean): string[] {
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const texts = cells.map((cell, c) => {
      const text = cell[lastLines ? line - height + cell.length : line] ?? '';
      const space = ' '.repeat(widths[c]! - widthOf(text));
      return c === 0 ? text + space : space + text;
    });
    return `${texts.join('  ').trimEnd()}\n`;
  });
}

/** Narrows the widest columns until the table has the wanted width. No column becomes narrower than its value in `fewest`. */
function narrowedTo(natural: readonly number[], fewest: readonly number[], wanted: number): number[] {
  const widths = [...natural];
  const gaps = 2 * (widths.length - 1);
  for (let width = totalWidth(widths) + gaps; width > wanted; width--) {
    const wide = widths.map((own, c) => (own > fewest[c]! ? own : 0));
    const widest = Math.max(...wide);
    if (widest === 0) break;
    widths[wide.indexOf(widest)]!--;
  }
  return widths;
}

/** Places at which cells may be broken: between words if the table then fits into the width, otherwise also after hyphens. */
function breaksWithin(columns: readonly (readonly string[])[], width: number): RegExp {
  const fewest = columns.map((texts) => longestPart(texts, cellBreaks));
  return totalWidth(fewest) + 2 * (columns.length - 1) <= width ? cellBreaks : hyphenBreaks;
}

const totalWidth = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

/** Width, in terminal columns, of the longest part of the texts between two breaks. */
function longestPart(texts: readonly string[], breaks: RegExp): number {
  return Math.max(...texts.flatMap((text) => text.split(breaks)).map((part) => widthOf(part.trimEnd())));
}

/** Terminal columns of a text. Hangul, ideographs and full-width forms take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text.normalize('NFC')) {
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
      ? 2
      : 1;
  }
  return width;
}

/**
 * Breaks a text into lines of at most `width` terminal columns, each beginning with `indent`. A word that is too long gets a line
 * of its own.
 */
export function wrapped(text: string, { width = 80, indent = '' }: { width?: number; indent?: string } = {}): string {
  return partLines(text, width - indent.length)
    .map((line) => `${indent}${line}\n`)
    .join('');
}

/** Breaks of sentences: after each space. */
const wordBreaks = /(?<= )/;
/** Breaks of cells: after each space, except before a percent sign. */
const cellBreaks = /(?<= )(?!%)/;
/** Breaks of cells if the table is too wide otherwise: also after no-break spaces, and after hyphens within words. */
const hyphenBreaks = /(?<=[ \u00a0])(?!%)|(?<=\p{L}-)(?=\p{L})/u;

function partLines(text: string, width: number, breaks: RegExp = wordBreaks): string[] {
  const lines: string[] = [];
  for (const part of text.split(breaks)) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + widthOf(part.trimEnd()) <= width) lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd());
}

/**
 * Text with a label before it, in lines of at most `width` terminal columns. Lines after the first are indented by the width of
 * the label. A line break ends the text.
 */
export function labelledText(label: string, text: string, width = 80): string {
  const indent = ' '.repeat(label.length);
  return `${label}${wrapped(text, { width, indent }).slice(label.length)}`;
}
