/** Characters that act on a terminal or change the order of text instead of being shown. */
const acting = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const escapedSign = (sign: string) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`;

/**
 * A text that is safe to print: control characters and marks of direction become `\u001b` and the like, line breaks and tabs stay. JSON stays
 * the same JSON.
 */
export function plainText(text: string): string {
  return text.replace(acting, (sign) => (sign === '\n' || sign === '\t' ? sign : escapedSign(sign)));
}

/** The same of a text that is to stay in one line, such as a cell of a table: line breaks and tabs are escaped too. */
export function plainLine(text: string): string {
  return text.replace(acting, escapedSign);
}
