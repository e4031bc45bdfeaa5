import { plainLine } from '@basketwise/core/base';
import { dash, percent } from '@basketwise/data/base';
/** Text that is safe as HTML, as returned by `html`. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type HtmlPart = string | number | Html | null | undefined | readonly HtmlPart[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function render(part: HtmlPart): string {
  if (part === null || part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(render).join('');
  return String(part).replace(/[&<>"']/g, (sign) => entities[sign]!);
}

/**
 * Template tag that escapes every inserted value, except those of class `Html`. Names from the bank's data can therefore contain
 * any character.
 */
export function html(strings: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return new Html(strings.map((string, i) => string + render(parts[i])).join(''));
}

/** Content of a table cell. Numbers are aligned right, with their thousands grouped. Null is an empty cell. */
export type Cell = string | number | Html | null;

/** Made on first use: it takes 10 ms, and short commands print no page. */
let numberFormat: Intl.NumberFormat | undefined;

/** Number as text, with thousands grouped and at most four decimals. */
export function formatNumber(value: number): string {
  numberFormat ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 });
  return numberFormat.format(value);
}

/** Figure, or the words for a figure that does not exist. Only suppressed numbers are dashes. */
export function figureCell(value: number | null): Cell {
  return value ?? unknownFigure;
}

/** Words in place of a figure that does not exist, such as a mean of too few customers. */
export const unknownFigure = 'not known';

/** Share (0 to 1) as a percentage. Null, a share that is not published, becomes an empty cell. */
export function percentCell(share: number | null): Cell {
  return share === null ? null : percent(share);
}

function isNumeric(cell: Cell | undefined): boolean {
  return cell === null || typeof cell === 'number' || (typeof cell === 'string' && / %$/.test(cell));
}

/** Whether a column has only numbers, percentages and unknown figures, and not only unknown ones. */
function isNumericColumn(cells: readonly (Cell | undefined)[]): boolean {
  return cells.some(isNumeric) && cells.every((cell) => isNumeric(cell) || cell === unknownFigure);
}

function renderCell(cell: Cell, numeric: boolean): Html {
  const isAbsent = cell === null || cell === unknownFigure;
  const text = isAbsent ? html`<span class="none">${cell ?? dash}</span>` : typeof cell === 'number' ? formatNumber(cell) : cell;
  return numeric ? html`<td class="number">${text}</td>` : html`<td>${text}</td>`;
}

/** Table with a caption. The heads of columns of numbers are aligned right, as their cells are. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const numeric = head.map((_, i) => isNumericColumn(rows.map((row) => row[i])));
  const heads = head.map((name, i) =>
    numeric[i] ? html`<th class="number" scope="col">${name}</th>` : html`<th scope="col">${name}</th>`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${heads}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => renderCell(cell, numeric[i] === true))}</tr>\n`)}</tbody></table></div>`;
}

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
