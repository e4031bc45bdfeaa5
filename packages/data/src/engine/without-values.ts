/** Quoted texts in an engine's message, and words with digits: both may be values of the data. */
const valuePattern = /"[^"\n]*"?|'[^'\n]*'?|`[^`\n]*`?|[^\s"'`]*\p{N}[^\s"'`]*/gu;

/** The first line of an engine's message with all possible values of the data removed. */
export function withoutValues(text: string): string {
  return (text.split('\n')[0] ?? '').replace(valuePattern, '…').slice(0, 400);
}
