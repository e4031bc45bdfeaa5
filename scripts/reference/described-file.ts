/** A column of a table: name, type as DuckDB names it, meaning. `<...>` stands for a name of the config. */
export type DescribedColumn = readonly [name: string, type: string, meaning: string];

/** A file that a run or a command leaves. `<...>` in its name stands for a name or a number. */
export interface DescribedFile {
  readonly file: string;
  readonly meaning: string;
  /** Condition of the config without which the file is not written. */
  readonly when?: string;
  readonly columns?: readonly DescribedColumn[];
  /** Whether the meaning says which file above has the same columns: the reference shows them once. */
  readonly isLikeAbove?: boolean;
}

/** Files of one kind, for a section of the reference. */
export interface DescribedFiles {
  readonly heading: string;
  /** Folder of the files: of the run, or the output folder. */
  readonly folder: 'run' | 'output';
  readonly meaning: string;
  readonly files: readonly DescribedFile[];
}
