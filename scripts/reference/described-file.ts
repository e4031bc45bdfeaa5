/** A column of a table: name, type as DuckDB names it, meaning. `<...>` stands for a name of the config. */
export type DescribedColumn = readonly [name: string, type: string, meaning: string];

/**
 * A key of a JSON document: path and meaning. In a path `[]` stands for each entry of a list, a word in capitals for a name of the bank or of the config; a `?`
 * at the end: the key may be missing. A key without keys below it stands for all that is below it.
 */
export type DescribedKey = readonly [path: string, meaning: string];

/** A file that a run or a command leaves. `<...>` in its name stands for a name or a number. */
export interface DescribedFile {
  readonly file: string;
  readonly meaning: string;
  /** Condition of the config without which the file is not written. */
  readonly when?: string;
  readonly columns?: readonly DescribedColumn[];
  readonly keys?: readonly DescribedKey[];
}

/** Files of one kind, for a section of the reference. */
export interface DescribedFiles {
  readonly heading: string;
  /** Folder of the files: of the run, or the output folder. */
  readonly folder: 'run' | 'output';
  readonly meaning: string;
  readonly files: readonly DescribedFile[];
}

/** Key of files that are protected against edits. */
export const seal: DescribedKey = ['seal', 'sha256 over the document: an edited one is refused.'];
