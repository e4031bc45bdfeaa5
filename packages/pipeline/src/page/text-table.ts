import { plainLine } from '@basketwise/core/plain-text';

/** Cells as lines of aligned text: the first column to the left, the others to the right. Wide characters count as two columns. */
export function textTable(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => plainLine(String(cell))));
  const widths = cells[0]?.map((_, c) => Math.max(...cells.map((row) => widthOf(row[c] ?? '')))) ?? [];
  const pad = (text: string, c: number) => {
    const space = ' '.repeat(widths[c]! - widthOf(text));
    return c === 0 ? text + space : space + text;
  };
  return `${cells.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')}\n`;
}

/** Terminal columns of a text: Hangul, ideographs and full-width forms take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text.normalize('NFC')) {
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
      ? 2
      : 1;
  }
  return width;
}

/** A share as a percentage. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((part / whole) * 100).toFixed(1)} %`;
}

/** A text in lines of at most `width` columns, each after `indent`; a word that is longer has a line of its own. */
export function wrapped(text: string, { width = 80, indent = '' }: { width?: number; indent?: string } = {}): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && indent.length + widthOf(last) + 1 + widthOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${indent}${line}\n`).join('');
}
