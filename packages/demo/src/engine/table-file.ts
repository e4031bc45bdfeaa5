import { dayMilliseconds } from '@basketwise/core';
import Papa from 'papaparse';

/** Maximum number of holdings that fit safely into the page's memory. */
export const mostHoldings = 30_000_000;
/** Maximum bytes of a file. Larger files need the batch job. */
const mostFileBytes = 1_000_000_000;
/** Number of rows of a Parquet file that are decoded at a time. */
const decodedRows = 100_000;

/** Receives the values of the requested columns in a row. A result of `false` stops reading. */
type VisitValues = (values: readonly unknown[]) => boolean | undefined;

/** File with rows and named columns, in any supported format. */
export interface TableFile {
  columns: readonly string[];
  /**
   * Calls `visit` for each row, with the values of the requested columns in the requested order. CSV and Parquet files are read in parts, so that
   * memory does not grow with the file.
   * @param onProgress receives the share of the file that is read, 0 to 1
   * @throws PageError if the file is damaged, or has too many rows
   */
  read(columns: readonly string[], visit: VisitValues, onProgress?: (share: number) => void): Promise<void>;
}

/**
 * Opens a CSV, Parquet or Arrow file. The first bytes determine the format; the name does not matter.
 * @throws PageError if the file is of another type, too large or empty
 */
export async function openTableFile(file: File): Promise<TableFile> {
  if (file.size > mostFileBytes) throw new PageError('tooLarge', { size: megabytes(file.size), most: megabytes(mostFileBytes) });
  if (file.size === 0) throw new PageError('noRows');
  const head = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  const magic = new TextDecoder('latin1').decode(head.subarray(0, 6));
  const opened = () => {
    if (magic.startsWith('PAR1')) return openParquet(file);
    if (magic.startsWith('ARROW1') || head.subarray(0, 4).every((byte) => byte === 0xff)) return openArrow(file);
    if (head.includes(0)) throw new PageError('notReadable', { name: file.name });
    return openCsv(file);
  };
  const table = await readable(file, opened);
  return { columns: table.columns, read: (...about) => readable(file, () => table.read(...about)) };
}

/** Runs `use`, and converts its failures into errors about the file. */
async function readable<T>(file: File, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    if (cause instanceof PageError) throw cause;
    throw new PageError('notReadable', { name: file.name }, { cause });
  }
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}

function openCsv(file: File): Promise<TableFile> {
  const parse = (visit: (rows: Record<string, string>[], columns: string[], cursor: number) => boolean) =>
    new Promise<void>((resolve, reject) => {
      Papa.parse<Record<string, string>>(file, {
        header: true,
        skipEmptyLines: true,
        chunk({ data, meta }, parser) {
          try {
            if (!visit(data, meta.fields ?? [], meta.cursor)) parser.abort();
          } catch (error) {
            // The promise must be rejected before the parser is aborted. Aborting calls `complete`, which would resolve the promise.
            reject(error);
            parser.abort();
          }
        },
        complete: () => resolve(),
        error: reject,
      });
    });
  const open = async (): Promise<TableFile> => {
    let columns: string[] = [];
    await parse((_, fields) => {
      columns = fields;
      return false;
    });
    return {
      columns,
      read: (wanted, visit, onProgress) =>
        parse((rows, _, cursor) => {
          for (const row of rows) if (visit(wanted.map((name) => row[name])) === false) return false;
          onProgress?.(cursor / file.size);
          return true;
        }),
    };
  };
  return open();
}

async function openParquet(file: File): Promise<TableFile> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const buffer = { byteLength: file.size, slice: (start: number, end?: number) => file.slice(start, end).arrayBuffer() };
  const metadata = await parquetMetadataAsync(buffer);
  const rows = Number(metadata.num_rows);
  return {
    columns: parquetSchema(metadata).children.map(({ element }) => element.name),
    async read(wanted, visit, onProgress) {
      if (rows > mostHoldings) throw new PageError('tooMany', { rows: mostHoldings.toLocaleString('en') });
      const columns = [...new Set(wanted)];
      for (let rowStart = 0; rowStart < rows; rowStart += decodedRows) {
        const rowEnd = Math.min(rowStart + decodedRows, rows);
        for (const row of await parquetReadObjects({ file: buffer, metadata, columns, rowStart, rowEnd, compressors })) {
          if (visit(wanted.map((name) => row[name])) === false) return;
        }
        onProgress?.(rowEnd / rows);
      }
    },
  };
}

async function openArrow(file: File): Promise<TableFile> {
  const { DataType, tableFromIPC } = await import('apache-arrow');
  const table = tableFromIPC(new Uint8Array(await file.arrayBuffer()));
  // Arrow returns dates and timestamps as milliseconds.
  const isDate = ({ type }: { type: unknown }) => DataType.isDate(type) || DataType.isTimestamp(type);
  const dates = new Set(table.schema.fields.filter(isDate).map(({ name }) => name));
  return {
    columns: table.schema.fields.map(({ name }) => name),
    async read(wanted, visit) {
      for (const batch of table.batches) {
        const values = wanted.map((name) => {
          const vector = batch.getChild(name);
          const valueAt = (row: number): unknown => vector?.get(row);
          return dates.has(name) ? (row: number) => dateOfMilliseconds(valueAt(row)) : valueAt;
        });
        for (let i = 0; i < batch.numRows; i++) if (visit(values.map((valueAt) => valueAt(i))) === false) return;
      }
    },
  };
}

function dateOfMilliseconds(value: unknown): unknown {
  return typeof value === 'number' ? new Date(value) : value;
}

/** Value of a cell as text without surrounding blanks. An empty cell gives the empty text. */
export function cellText(value: unknown): string {
  return value === null || value === undefined ? '' : String(value).trim();
}

/** Parses a date of a file, such as 2024-03-31 or 20240331, to days since 1970-01-01. Null for an empty value, undefined for an invalid one. */
export function dayOfValue(value: unknown): number | null | undefined {
  if (value === null || value === undefined || value === '') return null;
  if (value instanceof Date) return dayOfMilliseconds(value.getTime());
  const compact = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?$/.exec(String(value).trim());
  if (!compact) return undefined;
  const [, year, month, day] = compact.map(Number) as [number, number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? dayOfMilliseconds(date.getTime()) : undefined;
}

function dayOfMilliseconds(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / dayMilliseconds);
}

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
