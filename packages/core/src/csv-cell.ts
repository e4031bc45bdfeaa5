/**
 * First characters of a text that spreadsheets take for a formula, full-width ones included, and the apostrophe, which spreadsheets read as
 * a text mark.
 */
const starts = ['=', '+', '-', '@', '\t', '\r', '\uff1d', '\uff0b', '\uff0d', '\uff20', "'"];

/** Code points of the characters before which `escapedCell` inserts an apostrophe. */
export const escapedStarts: readonly number[] = starts.map((sign) => sign.codePointAt(0)!);

/**
 * A text as a CSV cell that spreadsheets display and never execute: a text that begins with `=`, `+`, `-`, `@`, a tab, a carriage return or
 * an apostrophe is preceded by an apostrophe. Removing one leading apostrophe restores the text.
 */
export function escapedCell(text: string): string {
  return starts.includes(text.charAt(0)) ? `'${text}` : text;
}
