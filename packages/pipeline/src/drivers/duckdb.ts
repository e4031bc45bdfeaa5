import { duckdbDialect, isEncoding } from '@basketwise/data/base';
import { text } from '../values/schemas.ts';
import { defineDriver, type Source, type SourcePlace } from './driver.ts';

/** Name of the encoding of CSV files, in lower case. */
const fileEncoding = text
  .toLowerCase()
  .refine(isEncoding, 'expected an encoding such as `utf-8`, `cp949`, `shift_jis`, `windows-1252` or `utf-16`');

/** Keys of `source` for files. */
interface FileSource {
  path: string;
  encoding: string;
  time_zone?: string | undefined;
}

/** Files and DuckDB databases, read by the embedded engine. */
export const duckdb = defineDriver({
  engine: 'duckdb',
  dialect: duckdbDialect,
  keys: {
    path: text.default('./data').describe('Folder of the files, or the DuckDB database file.'),
    encoding: fileEncoding
      .default('utf-8')
      .describe(
        'Encoding of CSV files that `from` names: utf-8, cp949, shift_jis, gb18030, windows-1252, utf-16, cp437 and others that browsers or iconv know.',
      ),
  },
  /** The path is no part of the identity. Equal files in another folder are the same input. */
  identity: ({ encoding }) => ({ encoding }),
  readsFiles: true,
  dataset: ({ source, path }, from) => ({ namespace: 'file', name: `${path(source.path)}/${from}` }),
});

/** Opens DuckDB for files and DuckDB databases. */
export async function openFiles({ source, path, workbench }: SourcePlace<FileSource>): Promise<Source> {
  const { openDuckdb } = await import('@basketwise/data');
  const engine = await openDuckdb({
    ...{ ...workbench, path: path(source.path) },
    ...{ encoding: source.encoding, timeZone: source.time_zone },
  });
  return { engine, workbench: engine, close: () => engine.close() };
}
