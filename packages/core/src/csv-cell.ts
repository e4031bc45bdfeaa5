/**
 * A text that starts with one of these characters gets an apostrophe in front. Spreadsheets read such a text as a formula, even
 * after a full-width sign. The exception is the last character, the apostrophe: spreadsheets drop it, as a mark of text.
 */
const starts = ['=', '+', '-', '@', '\t', '\r', '\uff1d', '\uff0b', '\uff0d', '\uff20', "'"];

/** Code points of the first characters of texts that `escapedCell` changes. */
export const escapedStarts: readonly number[] = starts.map((sign) => sign.codePointAt(0)!);

/**
 * Text as a CSV cell that spreadsheets display and never execute.
 * A text that begins with `=`, `+`, `-` or `@` (also full-width), a tab, a carriage return or an apostrophe gets an apostrophe in
 * front.
 * Removing one leading apostrophe restores the text.
 */
export function escapedCell(text: string): string {
  return starts.includes(text.charAt(0)) ? `'${text}` : text;
}
