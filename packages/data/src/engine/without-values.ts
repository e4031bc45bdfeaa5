/** Texts between quotes in an engine's message, and words with digits: values of the data come as either. */
const valuePattern = /"[^"\n]*"?|'[^'\n]*'?|`[^`\n]*`?|[^\s"'`]*\p{N}[^\s"'`]*/gu;

/** The first line of an engine's message with all that may be a value of the data left out. */
export function withoutValues(text: string): string {
  return (text.split('\n')[0] ?? '').replace(valuePattern, '…').slice(0, 400);
}
