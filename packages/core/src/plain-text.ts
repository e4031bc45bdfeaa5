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
