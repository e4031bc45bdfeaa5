import { dateOfDay, noDate } from '@basketwise/core';
import type { AppendColumn } from '@basketwise/data';
import type { Catalog } from './catalog.ts';
import type { HoldingRows } from './contracts.ts';
import { amountColumns, type CustomerChunk, integerColumns } from './customers.ts';
import { type Language, nameColumns } from './product-names.ts';

/** Column to write: its values are appended to a temporary table, and `sql` over that table's columns makes the bank's column. */
export interface WrittenColumn {
  name: string;
  type: 'INTEGER' | 'DOUBLE' | 'VARCHAR';
  values: AppendColumn['values'];
  sql: string;
}

/** SQL that converts codes to the bank's text or dates, by column. Columns without an entry are written as whole numbers. */
const codeTexts: Readonly<Record<string, string>> = {
  SEX_CD: 'cast(SEX_CD as varchar)',
  BIRTH_DT: dated('BIRTH_DT'),
  JOIN_DT: dated('JOIN_DT'),
  OCPT_CD: paddedSql(nulled('OCPT_CD'), 2),
  MARR_CD: `cast(${nulled('MARR_CD')} as varchar)`,
  SGG_CD: paddedSql('SGG_CD', 5),
  CHNL_CD: paddedSql('CHNL_CD', 2),
  CONSENT_YN: `case CONSENT_YN when 1 then 'Y' when 0 then 'N' end`,
};
/** One customer in 499 has lost purchase dates: their holdings have no `open_dt`. */
const lostDates = 499;
/** Of the product lines on sale, one in 7 has no end of sale. All other lines on sale have the end 9999-12-31. */
const endless = 7;

function nulled(name: string): string {
  return `nullif(${name}, ${noDate})`;
}

function paddedSql(value: string, width: number): string {
  return `lpad(cast(${value} as varchar), ${width}, '0')`;
}

function dated(name: string): string {
  return `date '1970-01-01' + ${nulled(name)}`;
}

function customerIds(values: Int32Array): WrittenColumn {
  return { name: 'csno', type: 'INTEGER', values, sql: paddedSql('csno + 1', 10) };
}

/** Columns of the customer table. `csno` has ten digits, codes are text, and amounts are whole won. */
export function customerTableColumns(chunk: CustomerChunk): WrittenColumn[] {
  return [
    customerIds(Int32Array.from({ length: chunk.to - chunk.from }, (_, i) => chunk.from + i)),
    ...integerColumns.map((name): WrittenColumn => {
      return { name, type: 'INTEGER', values: chunk.integers[name], sql: codeTexts[name] ?? name };
    }),
    ...amountColumns.map((name): WrittenColumn => {
      return { name, type: 'DOUBLE', values: chunk.amounts[name], sql: `cast(nullif(${name}, 'nan') as bigint)` };
    }),
  ];
}

/** Columns of the customer table as of a day, with the day in `snapshot_dt`. */
export function historyColumns(chunk: CustomerChunk, day: number): WrittenColumn[] {
  const days = new Int32Array(chunk.to - chunk.from).fill(day);
  return [...customerTableColumns(chunk), { name: 'snapshot_dt', type: 'INTEGER', values: days, sql: dated('snapshot_dt') }];
}

/** Columns of the holdings table, which identifies products by name. */
export function holdingTableColumns(chunk: HoldingRows, catalog: Catalog, language: Language): WrittenColumn[] {
  const names = catalog.lines.map(({ name }) => `'${language === 'ko' ? name.korean : name.english}'`);
  const nameColumn = nameColumns[language];
  const opened = `case when csno % ${lostDates} <> ${lostDates - 1} then ${dated('open_dt')} end`;
  return [
    customerIds(chunk.customer),
    { name: nameColumn, type: 'INTEGER', values: chunk.product, sql: `([${names}])[${nameColumn} + 1]` },
    { name: 'open_dt', type: 'INTEGER', values: chunk.opened, sql: opened },
    { name: 'close_dt', type: 'INTEGER', values: chunk.closed, sql: dated('close_dt') },
  ];
}

/** Columns of the product table, with one row per product code and days as YYYYMMDD. */
export function productTableColumns({ codes, lines }: Catalog): WrittenColumn[] {
  const compact = (day: number) => dateOfDay(day).replaceAll('-', '');
  const onSale = (line: number) => (line % endless === 0 ? undefined : '99991231');
  const rows = codes.map(({ code, line, saleFrom, saleTo }) => {
    const { name, family, subType } = lines[line]!;
    return {
      gds_cd: code,
      gds_korn_nm: name.korean,
      gds_eng_nm: name.english,
      gds_class: family,
      gds_type: subType,
      sale_start_dt: compact(saleFrom),
      sale_end_dt: saleTo === noDate ? onSale(line) : compact(saleTo),
    };
  });
  const names = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
  return names.map((name) => ({ name, type: 'VARCHAR', values: rows.map((row) => row[name]), sql: name }));
}
