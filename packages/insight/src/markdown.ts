import { plainLine } from '@basketwise/core/plain-text';

const markdownEntities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escapes a text for Markdown, so that it contains no HTML, link or mark-up, and does not end a table cell or a line. */
export function markdownText(text: string): string {
  return plainLine(text)
    .replace(/[\\`*[\]|]/g, '\\$&')
    .replace(/[&<>]/g, (sign) => markdownEntities[sign]!)
    .replace(/^(\s*)([#+-]|\d+[.)])(?=\s|$)/, '$1\\$2');
}

/** Table in Markdown, with cells of text. */
export function markdownTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const texts = (cells: readonly (string | number)[]) => line(cells.map((cell) => markdownText(String(cell))));
  return texts(head) + line(head.map(() => '---')) + rows.map(texts).join('');
}
