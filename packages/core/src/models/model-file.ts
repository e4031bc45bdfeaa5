import type { Table } from 'apache-arrow';
import { AppError } from '../error.ts';
import { kernelHash } from '../wasm/kernels.ts';
import type { ModelState } from './model.ts';

/**
 * Name of the file format. A model file is an Arrow IPC stream with one row per matrix: name, rows, columns, and values as a list
 * of f32 or of f64.
 * The metadata of its schema have everything else. No part of the file is ever executed.
 * `sha256` is the hash of the whole file with its own 64 digits set to `0`. It reveals a damaged byte before anything is
 * parsed.
 */
const fileFormat = 'basketwise-model';
/** Version of the format. Raised when older versions could misread a file. */
const formatVersion = 1;
const hashMark = 'sha256:';
const hashDigits = 64;

/** Origin of a model, as written in its file. */
export interface ModelFileHeader {
  formatVersion: number;
  /** Hash of the training data, given by the caller. */
  dataHash: string;
  /** Hash of the kernels that trained the model (see kernelHash). */
  kernelHash: string;
}

/** Origin that a caller requires. A file of another origin is refused. */
export type ExpectedHeader = Partial<Pick<ModelFileHeader, 'dataHash' | 'kernelHash'>>;

const encoder = new TextEncoder();

/** Writes a model as Arrow IPC. The same state gives the same bytes. */
export async function saveModel(state: ModelState, origin: { dataHash: string }): Promise<Uint8Array<ArrayBuffer>> {
  // Loading Arrow takes longer than most commands run, so only commands that need it load it.
  const arrow = await import('apache-arrow');
  const matrices = Object.entries(state.matrices).sort(([a], [b]) => (a < b ? -1 : 1));
  const listsOf = (type: InstanceType<typeof arrow.Float>, wanted: typeof Float32Array | typeof Float64Array) =>
    listsVector(
      arrow,
      type,
      matrices.map(([, { values }]) => (values instanceof wanted ? values : null)),
    );
  const table = new arrow.Table({
    name: arrow.vectorFromArray(
      matrices.map(([name]) => name),
      new arrow.Utf8(),
    ),
    rows: arrow.vectorFromArray(
      matrices.map(([, matrix]) => matrix.rows),
      new arrow.Uint32(),
    ),
    columns: arrow.vectorFromArray(
      matrices.map(([, matrix]) => matrix.columns),
      new arrow.Uint32(),
    ),
    f32: listsOf(new arrow.Float32(), Float32Array),
    f64: listsOf(new arrow.Float64(), Float64Array),
  });
  for (const [key, value] of metadataOf(state, origin)) table.schema.metadata.set(key, value);
  const bytes = arrow.tableToIPC(table, 'stream') as Uint8Array<ArrayBuffer>;
  bytes.set(encoder.encode(await sha256Of(bytes)), hashPlace(bytes));
  return bytes;
}

/** Metadata of a model file, with zeros in place of the hash. */
function metadataOf(state: ModelState, { dataHash }: { dataHash: string }): [string, string][] {
  return [
    ['format', fileFormat],
    ['format_version', String(formatVersion)],
    ['sha256', hashMark + '0'.repeat(hashDigits)],
    ['kind', state.kind],
    ['products', JSON.stringify(state.columns)],
    ['pseudo_products', String(state.pseudoColumns)],
    ['parameters', JSON.stringify(state.parameters)],
    ['data_hash', dataHash],
    ['kernel_hash', kernelHash],
  ];
}

/** Column of lists of numbers; null for an absent list. Arrow's own builder appends value by value, and makes several copies. */
function listsVector(
  arrow: typeof import('apache-arrow'),
  type: InstanceType<typeof arrow.Float>,
  lists: readonly (Float32Array | Float64Array | null)[],
) {
  const valueOffsets = new Int32Array(lists.length + 1);
  const nullBitmap = new Uint8Array(Math.ceil(lists.length / 8));
  for (const [i, list] of lists.entries()) {
    valueOffsets[i + 1] = valueOffsets[i]! + (list?.length ?? 0);
    if (list) nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  const data = new type.ArrayType(valueOffsets[lists.length]!);
  for (const [i, list] of lists.entries()) if (list) data.set(list, valueOffsets[i]);
  return arrow.makeVector(
    arrow.makeData({
      type: new arrow.List(new arrow.Field('item', type, false)),
      ...{ length: lists.length, nullCount: lists.filter((list) => list === null).length, nullBitmap, valueOffsets },
      child: arrow.makeData({ type, length: data.length, data }),
    }),
  );
}

/**
 * Reads a model file.
 * @throws AppError bad-data if bytes are damaged or missing, the format version differs, or the origin is not `expected`
 */
export async function loadModel(
  bytes: Uint8Array,
  expected: ExpectedHeader = {},
): Promise<{ state: ModelState; header: ModelFileHeader }> {
  await checkHash(bytes);
  const arrow = await import('apache-arrow');
  try {
    const table = arrow.tableFromIPC(bytes);
    const header = readHeader(table.schema.metadata);
    for (const key of ['dataHash', 'kernelHash'] as const) {
      const wanted = expected[key];
      if (wanted !== undefined && wanted !== header[key]) refuseFile(`its ${key} is ${header[key]}, expected ${wanted}`);
    }
    return { state: readState(table), header };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('bad-data', 'model file: not readable as Arrow IPC', remedy, { cause: error });
  }
}

const remedy = 'Train the model again, or take the file from the run that wrote it.';

function refuseFile(what: string): never {
  throw new AppError('bad-data', `model file: ${what}`, remedy);
}

/** Position of the first digit of the hash in the file. */
function hashPlace(bytes: Uint8Array): number {
  const mark = encoder.encode(hashMark);
  for (let at = bytes.indexOf(mark[0]!); at >= 0; at = bytes.indexOf(mark[0]!, at + 1)) {
    if (mark.every((byte, i) => bytes[at + i] === byte)) return at + mark.length;
  }
  return refuseFile('no hash in it: damaged, or not a model file');
}

/** sha256 of the bytes in hexadecimal. */
async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function checkHash(bytes: Uint8Array): Promise<void> {
  const place = hashPlace(bytes);
  const written = new TextDecoder().decode(bytes.subarray(place, place + hashDigits));
  const blank = Uint8Array.from(bytes);
  blank.fill(encoder.encode('0')[0]!, place, place + hashDigits);
  if (written !== (await sha256Of(blank))) refuseFile('its bytes do not fit its hash: damaged or cut short');
}

function readHeader(metadata: Map<string, string>): ModelFileHeader {
  const version = metadata.get('format_version');
  if (metadata.get('format') !== fileFormat) refuseFile(`its format is ${metadata.get('format')}, not ${fileFormat}`);
  if (version !== String(formatVersion)) refuseFile(`its format version is ${version}; this version reads ${formatVersion}`);
  return {
    formatVersion,
    dataHash: metadata.get('data_hash') ?? refuseFile('it has no data hash'),
    kernelHash: metadata.get('kernel_hash') ?? refuseFile('it has no kernel hash'),
  };
}

function readState(table: Table): ModelState {
  const { metadata } = table.schema;
  const text = (key: string): string => metadata.get(key) ?? refuseFile(`it has no ${key}`);
  const columns: unknown = JSON.parse(text('products'));
  const parameters: unknown = JSON.parse(text('parameters'));
  const pseudoColumns = Number(text('pseudo_products'));
  if (!Array.isArray(columns) || !columns.every((code) => typeof code === 'string')) refuseFile('its products are not codes');
  if (typeof parameters !== 'object' || parameters === null) refuseFile('its parameters are not an object');
  if (!Number.isInteger(pseudoColumns) || pseudoColumns < 0 || pseudoColumns > columns.length) {
    refuseFile(`it has ${pseudoColumns} pseudo-products of ${columns.length} columns`);
  }
  return {
    kind: text('kind'),
    columns,
    pseudoColumns,
    parameters: parameters as Record<string, unknown>,
    matrices: readMatrices(table),
  };
}

function readMatrices(table: Table): ModelState['matrices'] {
  const matrices: Record<string, ModelState['matrices'][string]> = {};
  for (let i = 0; i < table.numRows; i++) {
    const cell = (column: string): unknown => table.getChild(column)?.get(i);
    const [name, rows, columns] = [String(cell('name')), Number(cell('rows')), Number(cell('columns'))];
    const list = cell('f64') ?? cell('f32');
    const values = list && typeof list === 'object' && 'toArray' in list ? (list as { toArray(): unknown }).toArray() : null;
    if (!(values instanceof Float64Array || values instanceof Float32Array) || values.length !== rows * columns) {
      refuseFile(`its matrix ${name} is not complete`);
    }
    // A copy, because the caller may reuse the bytes.
    matrices[name] = { rows, columns, values: values.slice() };
  }
  return matrices;
}
