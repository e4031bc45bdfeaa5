import { dayMilliseconds } from '@basketwise/core';
import type { ColumnBatch, ColumnValues } from '@basketwise/data';
import type { Field, TextRows } from './connection.ts';

/** Numbers of the PostgreSQL types whose values are decoded as numbers. Values of all other types stay text. */
const oids = { boolean: 16, bigint: 20, smallint: 21, integer: 23, oid: 26, real: 700, double: 701, date: 1082 } as const;

/** Decodes rows of a result, column by column. Without rows, each column is empty. */
export function decodeRows(fields: readonly Field[], rows: TextRows): ColumnBatch {
  const columns: Record<string, ColumnValues> = {};
  const nulls: Record<string, Uint8Array> = {};
  for (const [i, { name, dataTypeID }] of fields.entries()) {
    const texts = rows.map((row) => row[i] ?? null);
    columns[name] = columnValues(dataTypeID, texts);
    if (texts.includes(null)) nulls[name] = Uint8Array.from(texts, (text) => (text === null ? 1 : 0));
  }
  return { rows: rows.length, columns, nulls };
}

function columnValues(type: number, texts: readonly (string | null)[]): ColumnValues {
  switch (type) {
    case oids.boolean:
      return Int32Array.from(texts, (text) => (text === 't' ? 1 : 0));
    case oids.smallint:
    case oids.integer:
      return Int32Array.from(texts, Number);
    case oids.bigint:
    case oids.oid:
      return BigInt64Array.from(texts, (text) => BigInt(text ?? 0));
    case oids.real:
    case oids.double:
      return Float64Array.from(texts, Number);
    case oids.date:
      return Int32Array.from(texts, daysOfText);
    default:
      return texts.map((text) => text ?? '');
  }
}

/**
 * Days since 1970-01-01 of a date in PostgreSQL's format. The dates infinity and -infinity become the largest and the smallest
 * 32-bit number.
 */
function daysOfText(text: string | null): number {
  if (text === null) return 0;
  if (text.endsWith('infinity')) return text.startsWith('-') ? -(2 ** 31) + 1 : 2 ** 31 - 1;
  const [, year, month, date, era] = /^(\d+)-(\d\d)-(\d\d)( BC)?$/.exec(text)!;
  const moment = new Date(0);
  moment.setUTCFullYear(era === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(date));
  return moment.getTime() / dayMilliseconds;
}
