import { type FileHandle, open } from 'node:fs/promises';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import {
  dictionaryColumn,
  type EncodedColumn,
  plainColumn,
  repeatedColumn,
  type TextDictionary,
  textDictionary,
} from './parquet-column.ts';
import { type CampaignResults, recommendationColumns } from './results.ts';

/** "PAR1", at both ends of a Parquet file. */
const magic = Buffer.from('PAR1');
/** Rows of a row group at most; the lists of a customer are never parted. */
const groupRows = 122_880;

const typeOf = { VARCHAR: 'BYTE_ARRAY', INTEGER: 'INT32', FLOAT: 'FLOAT' } as const;

/** Schema of the file: every column may be null. */
function schemaOf(): SchemaElement[] {
  const columns = Object.entries(recommendationColumns).map(
    ([name, type]): SchemaElement => ({
      name,
      type: typeOf[type],
      repetition_type: 'OPTIONAL',
      ...(type === 'VARCHAR' && { converted_type: 'UTF8', logical_type: { type: 'STRING' } }),
      ...(type === 'INTEGER' && { converted_type: 'INT_32' }),
    }),
  );
  return [{ name: 'recommendations', repetition_type: 'REQUIRED', num_children: columns.length }, ...columns];
}

/** Texts of the products, and which of them each product has. */
export interface ProductTexts {
  codes: TextDictionary;
  names: TextDictionary;
  /** By product: number of its name. */
  nameOf: Uint32Array;
}

export function productTexts(products: readonly { code: string; name: string }[]): ProductTexts {
  const names = [...new Set(products.map(({ name }) => name))];
  const positions = new Map(names.map((name, i) => [name, i]));
  return {
    codes: textDictionary(products.map(({ code }) => code)),
    names: textDictionary(names),
    nameOf: Uint32Array.from(products, ({ name }) => positions.get(name)!),
  };
}

/** The customers of a row group, whose lists come one after the other. */
interface Group {
  ids: string[];
  /** Of each customer: his unit, and how long its list is. */
  units: Uint32Array;
  lengths: Uint32Array;
  rows: number;
}

/**
 * Writes recommendations.parquet row group by row group, straight from the lists of units: repeated texts as dictionaries, a customer's id
 * once with a run of his rows, nothing sorted and nothing joined. Same input, same bytes.
 */
export class RecommendationFile {
  readonly #output: FileHandle;
  readonly #products: ProductTexts;
  readonly #groups: FileMetaData['row_groups'] = [];
  #offset = magic.length;
  #rows = 0;

  private constructor(output: FileHandle, products: ProductTexts) {
    this.#output = output;
    this.#products = products;
  }

  /** Begins a file, mode 0600. */
  static async create(path: string, products: ProductTexts): Promise<RecommendationFile> {
    const output = await open(path, 'w', 0o600);
    await output.writeFile(magic);
    return new RecommendationFile(output, products);
  }

  /**
   * Appends the lists of a campaign.
   * @param ids of all customers in order, in blocks of any length
   */
  async append(results: CampaignResults, ids: AsyncIterable<readonly string[]>): Promise<void> {
    const { unit, units } = results;
    let customer = 0;
    let group = emptyGroup();
    for await (const block of ids) {
      for (const id of block) {
        const u = unit[customer++]!;
        const length = u < 0 ? 0 : units.start[u + 1]! - units.start[u]!;
        if (length === 0) continue;
        if (group.rows + length > groupRows) {
          await this.#write(results, group);
          group = emptyGroup();
        }
        group.units[group.ids.length] = u;
        group.lengths[group.ids.length] = length;
        group.ids.push(id);
        group.rows += length;
      }
    }
    if (group.rows > 0) await this.#write(results, group);
  }

  async #write(results: CampaignResults, group: Group): Promise<void> {
    const columns = encodeGroup(results, group, this.#products);
    const pages: Uint8Array[] = [];
    const first = this.#offset;
    const written = columns.map(({ pages: bytes, metadata }) => {
      const at = BigInt(this.#offset);
      const { data_page_offset, dictionary_page_offset } = metadata;
      pages.push(...bytes);
      this.#offset += Number(metadata.total_compressed_size);
      const moved = {
        data_page_offset: data_page_offset + at,
        ...(dictionary_page_offset === undefined ? {} : { dictionary_page_offset: dictionary_page_offset + at }),
      };
      return { file_offset: 0n, meta_data: { ...metadata, ...moved } };
    });
    const total = columns.reduce((sum, { metadata }) => sum + metadata.total_uncompressed_size, 0n);
    this.#groups.push({
      columns: written,
      total_byte_size: total,
      num_rows: BigInt(group.rows),
      file_offset: BigInt(first),
      total_compressed_size: BigInt(this.#offset - first),
    });
    this.#rows += group.rows;
    await this.#output.writeFile(Buffer.concat(pages));
  }

  /** Writes the footer, and all of it to the disk. */
  async finish(): Promise<void> {
    const writer = new ByteWriter();
    writeMetadata(writer, {
      version: 1,
      schema: schemaOf(),
      num_rows: BigInt(this.#rows),
      row_groups: this.#groups,
      created_by: 'basketwise',
      metadata_length: 0,
    });
    await this.#output.writeFile(writer.getBytes());
    await this.#output.writeFile(magic);
    await this.#output.sync();
  }

  close(): Promise<void> {
    return this.#output.close();
  }
}

function emptyGroup(): Group {
  return { ids: [], units: new Uint32Array(groupRows), lengths: new Uint32Array(groupRows), rows: 0 };
}

/** The columns of a row group in their order. */
function encodeGroup({ campaign, units }: CampaignResults, group: Group, products: ProductTexts): EncodedColumn[] {
  const { rows, ids } = group;
  const origin = originsOf(units.start, group);
  const texts = (name: string) => ({ name, type: 'BYTE_ARRAY' as const, rows });
  const bounds = <T extends string | number>(min: T, max: T) => ({
    min_value: min,
    max_value: max,
    is_min_value_exact: true,
    is_max_value_exact: true,
  });
  const take = <T extends Int32Array | Float32Array | Uint32Array>(target: T, source: ArrayLike<number>): T => {
    for (let row = 0; row < rows; row++) target[row] = source[origin[row]!]!;
    return target;
  };
  const product = take(new Uint32Array(rows), units.product);
  const name = product.map((value) => products.nameOf[value]!);
  const { rank, cluster } = perCustomer(units.cluster, group);
  const score = take(new Float32Array(rows), units.score);
  return [
    repeatedColumn({ ...texts('customer'), statistics: bounds(ids[0]!, ids.at(-1)!), isCompressed: true }, ids, group.lengths),
    dictionaryColumn(
      { ...texts('campaign'), statistics: bounds(campaign, campaign) },
      textDictionary([campaign]),
      new Uint8Array(rows),
      rows,
    ),
    rankColumn(rank, rows),
    dictionaryColumn(texts('product_code'), products.codes, product, rows),
    dictionaryColumn(texts('product_name'), products.names, name, rows),
    plainColumn({ name: 'score', type: 'FLOAT', rows, isCompressed: true }, score),
    probabilityColumn(units.probability && take(new Float32Array(rows), units.probability), rows),
    dictionaryColumn(texts('source'), textDictionary(units.sources), take(new Uint32Array(rows), units.source), rows),
    clusterColumn(cluster, rows),
    reasonColumn(units.reason && take(new Int32Array(rows), units.reason), units.reasons ?? [], rows),
  ];
}

/** Which row of the units each row comes from. */
function originsOf(start: Uint32Array, { ids, units, lengths, rows }: Group): Uint32Array {
  const origin = new Uint32Array(rows);
  for (let i = 0, row = 0; i < ids.length; i++) {
    const first = start[units[i]!]!;
    for (let k = 0; k < lengths[i]!; k++) origin[row++] = first + k;
  }
  return origin;
}

/** Rank of each row less 1, and the cluster of its customer, if there are clusters; -1: null. */
function perCustomer(clusterOf: Int32Array | undefined, { ids, units, lengths, rows }: Group) {
  const rank = new Uint8Array(rows);
  const cluster = clusterOf && new Int32Array(rows);
  for (let i = 0, row = 0; i < ids.length; i++) {
    const its = clusterOf?.[units[i]!] ?? -1;
    for (let k = 0; k < lengths[i]!; k++, row++) {
      rank[row] = k;
      if (cluster) cluster[row] = its;
    }
  }
  return { rank, cluster };
}

function rankColumn(rank: Uint8Array, rows: number): EncodedColumn {
  const most = rank.reduce((max, value) => Math.max(max, value), 0) + 1;
  const ranks = Int32Array.from({ length: most }, (_, i) => i + 1);
  const statistics = { min_value: 1, max_value: most, is_min_value_exact: true, is_max_value_exact: true };
  const dictionary = { count: most, bytes: new Uint8Array(ranks.buffer) };
  return dictionaryColumn({ name: 'rank', type: 'INT32', rows, statistics }, dictionary, rank, rows);
}

/** One byte per row that has a value, and the values of those rows side by side. Absent values are null in all rows. */
function withoutNulls<T extends Int32Array | Float32Array>(
  values: T | undefined,
  none: T,
  rows: number,
): { present: Uint8Array; values: T } {
  const present = new Uint8Array(rows);
  if (!values) return { present, values: none };
  const kept = values.slice() as T;
  let count = 0;
  // Nothing is below 0 but -1 among numbers of texts and clusters, and no probability; NaN is not at least 0 either.
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (!(value >= 0)) continue;
    present[row] = 1;
    kept[count++] = value;
  }
  return { present, values: kept.subarray(0, count) as T };
}

function probabilityColumn(probability: Float32Array | undefined, rows: number): EncodedColumn {
  const { present, values } = withoutNulls(probability, new Float32Array(), rows);
  return plainColumn({ name: 'probability', type: 'FLOAT', rows, present }, values);
}

function clusterColumn(cluster: Int32Array | undefined, rows: number): EncodedColumn {
  const { present, values } = withoutNulls(cluster, new Int32Array(), rows);
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const places = new Map(distinct.map((value, i) => [value, i]));
  const dictionary = { count: distinct.length, bytes: new Uint8Array(Int32Array.from(distinct).buffer) };
  return dictionaryColumn(
    { name: 'cluster', type: 'INT32', rows, present },
    dictionary,
    values.map((value) => places.get(value)!),
    values.length,
  );
}

function reasonColumn(reason: Int32Array | undefined, reasons: readonly string[], rows: number): EncodedColumn {
  const { present, values } = withoutNulls(reason, new Int32Array(), rows);
  return dictionaryColumn({ name: 'reason', type: 'BYTE_ARRAY', rows, present }, textDictionary(reasons), values, values.length);
}
