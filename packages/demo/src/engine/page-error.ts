/** Keys of errors in the input of the page. `texts.ts` has their texts in both languages. */
export type ProblemKey = 'tooLarge' | 'notReadable' | 'noRows' | 'noKnownProduct' | 'tooMany' | 'noTarget' | 'noBank';

/** Error in the input that the user of the page can correct. `values` are inserted into its text. */
export class PageError extends Error {
  readonly key: ProblemKey;
  readonly values: Readonly<Record<string, string>>;

  constructor(key: ProblemKey, values: Record<string, string> = {}, options?: ErrorOptions) {
    super(`${key} ${JSON.stringify(values)}`, options);
    this.key = key;
    this.values = values;
  }
}
