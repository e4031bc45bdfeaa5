import { join } from 'node:path';
import type { Dialect } from '../engine/dialect.ts';

/** SQL to put after FROM: the rows of Parquet files of a folder, one file after the other. */
export function parquetFiles({ text }: Pick<Dialect, 'text'>, folder: string, files: readonly string[]): string {
  return `read_parquet([${files.map((file) => text(join(folder, file))).join(', ')}])`;
}
