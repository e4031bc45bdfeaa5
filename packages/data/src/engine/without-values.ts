/** Matches quoted texts, and words with digits, in an engine's message. Both can be values of the data. */
const valuePattern = /"[^"\n]*"?|'[^'\n]*'?|`[^`\n]*`?|[^\s"'`]*\p{N}[^\s"'`]*/gu;

/** First line of an engine's message, without all parts that can be values of the data. */
export function withoutValues(text: string): string {
  return (text.split('\n')[0] ?? '').replace(valuePattern, '…').slice(0, 400);
}
