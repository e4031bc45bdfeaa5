/**
 * First characters of a text before which a cell gets an apostrophe. Spreadsheets take all but the last as the start of a formula,
 * also the full-width signs. They take the last, the apostrophe, as a mark of text.
 */
const starts = ['=', '+', '-', '@', '\t', '\r', '\uff1d', '\uff0b', '\uff0d', '\uff20', "'"];

/** Code points of the characters before which `escapedCell` inserts an apostrophe. */
export const escapedStarts: readonly number[] = starts.map((sign) => sign.codePointAt(0)!);

/**
 * Text as a CSV cell that spreadsheets display and never execute.
 * A text that begins with `=`, `+`, `-`, `@`, a tab, a carriage return or an apostrophe gets an apostrophe in front.
 * Removing one leading apostrophe restores the text.
 */
export function escapedCell(text: string): string {
  return starts.includes(text.charAt(0)) ? `'${text}` : text;
}
