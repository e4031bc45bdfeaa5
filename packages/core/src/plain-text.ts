/** Characters that control a terminal or change the direction of text. */
const acting = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const escapedSign = (sign: string) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`;

/**
 * Text that is safe to print. Control characters and direction marks become escapes such as `\u001b`. Line breaks and tabs stay.
 * A JSON text still has the same value.
 */
export function plainText(text: string): string {
  return text.replace(acting, (sign) => (sign === '\n' || sign === '\t' ? sign : escapedSign(sign)));
}

/** Safe single-line text, such as a table cell: line breaks and tabs are escaped too. */
export function plainLine(text: string): string {
  return text.replace(acting, escapedSign);
}

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
