/** First signs of a text that spreadsheets take for a formula, full-width ones included, and the apostrophe that makes a text of it. */
const starts = ['=', '+', '-', '@', '\t', '\r', '\uff1d', '\uff0b', '\uff0d', '\uff20', "'"];

/** Code points of the signs before which `escapedCell` puts an apostrophe. */
export const escapedStarts: readonly number[] = starts.map((sign) => sign.codePointAt(0)!);

/**
 * A text as a cell of a CSV file that spreadsheets show and do not carry out: where it begins with `=`, `+`, `-`, `@`, a tab or a carriage
 * return, an apostrophe stands before it; so it does before an apostrophe. Whoever removes one leading apostrophe has the text again.
 */
export function escapedCell(text: string): string {
  return starts.includes(text.charAt(0)) ? `'${text}` : text;
}
