import { plainLine } from '@basketwise/core/plain-text';

/** Most terminal columns of a table, if its first column leaves enough space for the others. */
const terminalColumns = 100;
/** Fewest columns of the first one. */
const least = 24;

/**
 * Cells as lines of aligned text. The first column is aligned left, and wrapped if the table would be too wide for a terminal.
 * The others are aligned right. Wide characters count as two columns.
 */
export function textTable(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => plainLine(String(cell))));
  const widths = cells[0]?.map((_, c) => Math.max(...cells.map((row) => widthOf(row[c] ?? '')))) ?? [];
  const others = widths.slice(1).reduce((sum, width) => sum + 2 + width, 0);
  const room = Math.max(least, terminalColumns - others);
  const isWide = widths[0]! > room;
  const parts = cells.map(([first = '', ...rest]) => ({ first: isWide ? wordLines(first, room) : [first], rest }));
  const width = Math.max(...parts.flatMap(({ first }) => first.map(widthOf)));
  const space = (text: string, columns: number) => ' '.repeat(columns - widthOf(text));
  return parts
    .flatMap(({ first, rest }) => {
      const last = first.at(-1)!;
      const right = rest.map((text, c) => space(text, widths[c + 1]!) + text);
      return [...first.slice(0, -1), [last + space(last, width), ...right].join('  ').trimEnd()];
    })
    .map((line) => `${line}\n`)
    .join('');
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

/** Text in lines of at most `width` columns, each after `indent`. A longer word has a separate line. */
export function wrapped(text: string, { width = 80, indent = '' }: { width?: number; indent?: string } = {}): string {
  return wordLines(text, width - indent.length)
    .map((line) => `${indent}${line}\n`)
    .join('');
}

function wordLines(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
