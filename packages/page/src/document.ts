import { dash } from '@basketwise/data/base';
import { type Cell, formatNumber, Html, html, markdownTable, markdownText, table } from './html.ts';

/** Table of a document: a caption, columns and rows. Without rows it is left out. */
export interface Table {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** Sentence below the table. */
  note?: string | undefined;
  /** Sentence in place of a table without rows. */
  none?: string | undefined;
}

/**
 * Part of a document: a paragraph, a table, a note, a list or a heading. HTML, such as a chart, is only on pages, and so is the frame of `fold`.
 */
export type Part =
  | string
  | Html
  | Table
  | { note: string }
  | { strong: string }
  | { list: readonly string[] }
  | { heading: string }
  | { fold: string; parts: readonly Part[] }
  | null;

/** Columns of a table: each by its head, as the name of a property of a row, or as a function of the row. */
export type Columns<Row> = Readonly<
  Record<string, { [Key in keyof Row]: Row[Key] extends Cell ? Key : never }[keyof Row] | ((row: Row) => Cell)>
>;

/** Makes a table from its rows as data. */
export function tableOf<Row>(
  caption: string,
  rows: readonly Row[],
  columns: Columns<Row>,
  texts: Pick<Table, 'note' | 'none'> = {},
): Table {
  const cells = Object.values(columns).map((column) =>
    typeof column === 'function' ? column : (row: Row) => row[column] as Cell,
  );
  return { caption, head: Object.keys(columns), rows: rows.map((row) => cells.map((cell) => cell(row))), ...texts };
}

/** Makes a table of two columns from names and their values. */
export function factTable(
  caption: string,
  head: readonly [string, string],
  facts: Readonly<Record<string, Cell>> | readonly (readonly [string, Cell])[],
  texts: Pick<Table, 'note' | 'none'> = {},
): Table {
  return { caption, head, rows: Array.isArray(facts) ? facts : Object.entries(facts), ...texts };
}

export function htmlParts(parts: readonly Part[]): Html {
  return html`${parts.map((part) => html`${htmlPart(part)}\n`)}`;
}

function htmlPart(part: Part): Html | null {
  if (part === null || part instanceof Html) return part;
  if (typeof part === 'string') return html`<p>${part}</p>`;
  if ('caption' in part) {
    const { caption, head, rows, note = null, none = null } = part;
    if (rows.length === 0) return none === null ? null : htmlPart({ note: none });
    return html`${table(caption, head, rows)}${note === null ? null : htmlPart({ note })}`;
  }
  if ('note' in part) return html`<p class="note">${part.note}</p>`;
  if ('strong' in part) return html`<p><b>${part.strong}</b></p>`;
  if ('heading' in part) return html`<h3>${part.heading}</h3>`;
  if ('list' in part) return part.list.length === 0 ? null : html`<ul>${part.list.map((text) => html`<li>${text}</li>`)}</ul>`;
  return html`<details open><summary>${part.fold}</summary>${htmlParts(part.parts)}</details>`;
}

/** Parts as Markdown. Captions of tables are headings. */
export function markdownParts(parts: readonly Part[]): string {
  return parts
    .map(markdownPart)
    .filter((text) => text !== '')
    .join('\n');
}

function markdownPart(part: Part): string {
  if (part === null || part instanceof Html) return '';
  if (typeof part === 'string') return `${markdownText(part)}\n`;
  if ('caption' in part) {
    const { caption, head, rows, note = null, none = null } = part;
    if (rows.length === 0) return markdownPart(none);
    const lines = markdownTable(
      head,
      rows.map((row) => row.map(cellText)),
    );
    return `${[`## ${markdownText(caption)}\n`, lines, ...(note === null ? [] : [`${markdownText(note)}\n`])].join('\n')}`;
  }
  if ('note' in part) return markdownPart(part.note);
  if ('strong' in part) return `**${markdownText(part.strong)}**\n`;
  if ('heading' in part) return `## ${markdownText(part.heading)}\n`;
  if ('list' in part) return part.list.map((text) => `- ${markdownText(text)}\n`).join('');
  return markdownParts([{ heading: part.fold }, ...part.parts]);
}

const signs: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

/** Cell as text, without the marks of HTML. */
function cellText(cell: Cell): string {
  if (cell === null) return dash;
  if (typeof cell === 'number') return formatNumber(cell);
  return cell instanceof Html
    ? cell.text.replace(/<[^>]*>/g, '').replace(/&(?:amp|lt|gt|quot|#39);/g, (sign) => signs[sign]!)
    : cell;
}

/**
 * Content security policy of self-contained pages: their own style only, no scripts and no requests. It also holds if a name in
 * the bank's data contains HTML.
 */
export const pagePolicy = new Html(
  `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
);

/** CSS of self-contained pages, with light and dark colours and a layout for print. */
export const pageStyle = new Html(`:root{color-scheme:light dark;--line:#d5dbe0;--head:#eef3f6;--soft:#5b6770}
@media (prefers-color-scheme:dark){:root{--line:#3a444c;--head:#232b31;--soft:#a5b1ba}}
html{background:Canvas;color:CanvasText}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:74rem;padding:1.5rem 1rem 4rem}
h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:2px solid var(--line)}nav{color:var(--soft)}nav a{margin-right:.8rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:left}
th{background:var(--head)}caption{text-align:left;font-weight:600;padding:.3rem 0}.number{text-align:right;font-variant-numeric:tabular-nums}
.none{color:var(--soft)}.key{display:inline-block;width:.75em;height:.75em;print-color-adjust:exact}.warnings{border-left:4px solid #c98a2b;padding:.2rem 1rem;background:#c98a2b22}figure{margin:1.2rem 0}
figcaption{font-weight:600;margin-bottom:.3rem}figcaption small{font-weight:400;color:var(--soft)}svg{max-width:100%;height:auto}
.warnings h2{margin-top:.5rem}.tiles,nav{margin:1.2rem 0}.tiles{display:flex;flex-wrap:wrap;gap:.8rem}.tiles div{border:1px solid var(--line);border-radius:.4rem;padding:.5rem 1rem;min-width:8rem}
.tiles b{display:block;font-size:1.5rem}.note{color:var(--soft)}dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.5rem 1rem}dt{font-weight:600}dd{margin:0}
summary>h2{display:inline;border:0;font-size:1.1rem}details{border-top:1px solid var(--line);padding:.5rem 0}
@media print{:root{color-scheme:light}body{max-width:none;font-size:11px;padding:0}.scroll{overflow:visible}th,td{padding:.2rem .35rem}h2{break-after:avoid}figure,table{break-inside:avoid}nav{display:none}.sheet{break-before:page;break-after:page;font-size:10px;line-height:1.25}.sheet h2,.sheet ul,.sheet p,.sheet figure{margin-top:.5em;margin-bottom:.5em}.sheet svg{max-height:6cm}.sheet .about{columns:2;font-size:9px}.sheet .about p{margin-top:0}}`);
