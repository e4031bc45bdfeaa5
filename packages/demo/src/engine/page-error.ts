/** Errors in the input of the page. Texts in both languages are in `texts.ts`. */
export type ProblemKey = 'tooLarge' | 'notReadable' | 'noRows' | 'noKnownProduct' | 'tooMany' | 'noTarget' | 'noBank';

/** Error that the person can correct. */
export class PageError extends Error {
  readonly key: ProblemKey;
  readonly values: Readonly<Record<string, string>>;

  constructor(key: ProblemKey, values: Record<string, string> = {}, options?: ErrorOptions) {
    super(`${key} ${JSON.stringify(values)}`, options);
    this.key = key;
    this.values = values;
  }
}
