// Basketwise's side of als.ts, topn.ts and long-rows.ts, in a process of its own: answers one command, a line of JSON, with a line of JSON.
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type Address,
  type AlsModel,
  type AlsOptions,
  BasketBuilder,
  type BasketTable,
  type Csr,
  createNodePool,
  fitAls,
  joinParts,
  type KernelPool,
  offset,
  partsOfCsr,
} from '@basketwise/core';
import { bandWeights, type Task } from './bank-files.ts';

interface Loaded {
  pool: KernelPool;
  task: Task;
  table: BasketTable;
  /** Row of each customer; absent where every customer is a row. */
  basketOf: Uint32Array | undefined;
  model?: AlsModel;
}

let loaded: Loaded | undefined;

/** Reads a file of u32 into kernel memory. */
function readInto({ memory }: KernelPool, file: string): { address: Address; count: number } {
  const { size } = statSync(file);
  const address = memory.allocate(size);
  const descriptor = openSync(file, 'r');
  const piece = new Uint8Array(1 << 22);
  for (let at = 0; at < size; ) {
    const read = readSync(descriptor, piece);
    memory.u8(offset(address, at), read).set(piece.subarray(0, read));
    at += read;
  }
  closeSync(descriptor);
  return { address, count: size / 4 };
}

function columnsOf({ products }: Task): string[] {
  return Array.from({ length: products }, (_, i) => `P${String(i).padStart(4, '0')}`);
}

/** Loads the rows: collapsed into distinct baskets, or as they are. */
async function load(task: Task & { collapsed: boolean }) {
  const pool = await createNodePool(task.threads);
  const { memory } = pool;
  const { address: start } = readInto(pool, join(task.folder, 'start.u32'));
  const { address: entry, count: entries } = readInto(pool, join(task.folder, 'entry.u32'));
  const { customers, products } = task;
  const columns = columnsOf(task);
  const begin = performance.now();
  if (task.collapsed) {
    const leftOut = { afterReference: 0, repeated: 0 };
    const csr: Csr = { memory, customers, firstCustomer: 0, products, bands: bandWeights.length, start, entry, entries, leftOut };
    const builder = new BasketBuilder({ pool, columns, projection: Int32Array.from(columns, (_, i) => i) });
    for (const part of partsOfCsr(csr)) await builder.add(part);
    const { table, basketOf } = await builder.finish();
    loaded = { pool, task, table, basketOf: joinParts(basketOf) };
  } else {
    const multiplicity = memory.allocate(customers * 4);
    memory.u32(multiplicity, customers).fill(1);
    const group = memory.allocateZeroed(customers * 4);
    const table = { memory, columns, pseudoColumns: 0, rows: customers, entries, start, entry, multiplicity, group };
    loaded = { pool, task, table, basketOf: undefined };
  }
  return { rows: loaded.table.rows, seconds: (performance.now() - begin) / 1000 };
}

/** The start of the files in the order of the table's columns. */
function startOf({ task, table }: Loaded): Float64Array {
  const bytes = readFileSync(join(task.folder, 'factors.f32'));
  const given = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const start = new Float64Array(given.length);
  for (const [i, code] of table.columns.entries()) {
    const from = Number(code.slice(1)) * task.factors;
    start.set(given.subarray(from, from + task.factors), i * task.factors);
  }
  return start;
}

type Fit = { iterations: number; balance?: boolean } & Partial<AlsOptions>;

/** Fits from the common start; seconds of the whole and of each sweep; the first includes the arrangement of rows and is reported separately. */
async function fit({ iterations, balance = true, ...options }: Fit) {
  const { pool, task, table } = loaded!;
  const { factors, regularization, confidence } = task;
  const parameters = { factors, regularization, alpha: 1, weights: confidence, iterations, balance };
  const range = { from: 0, to: table.rows };
  const times = [performance.now()];
  loaded!.model = await fitAls({ pool, table, range }, parameters, {
    ...options,
    start: startOf(loaded!),
    onIteration: () => times.push(performance.now()),
  });
  const seconds = times.slice(1).map((time, i) => (time - times[i]!) / 1000);
  const total = (performance.now() - times[0]!) / 1000;
  return { total, first: seconds[0], seconds: seconds.slice(1), objective: loaded!.model.history.at(-1)!.objective };
}

/** Top-N of all customers from the fitted model; with `save`, the model and the lists of the first customers go to files. */
async function topN({ n, save = 0 }: { n: number; save?: number }) {
  const { pool, table, model } = loaded!;
  const { memory } = table;
  const mark = memory.mark();
  const allowed = new Uint8Array(table.columns.length).fill(1);
  const begin = performance.now();
  const lists = await model!.topN({ pool, table, range: { from: 0, to: table.rows }, n, allowed });
  const seconds = (performance.now() - begin) / 1000;
  if (save > 0) saveLists(loaded!, memory.u32(lists.column, table.rows * n), memory.f32(lists.score, table.rows * n), n, save);
  memory.release(mark);
  return { seconds };
}

function saveLists(
  { task, table, basketOf, model }: Loaded,
  column: Uint32Array,
  score: Float32Array,
  n: number,
  customers: number,
) {
  const product = table.columns.map((code) => Number(code.slice(1)));
  const columns = new Uint32Array(customers * n);
  const scores = new Float32Array(customers * n);
  for (let i = 0; i < customers; i++) {
    const row = basketOf ? basketOf[i]! : i;
    for (let rank = 0; rank < n; rank++) {
      columns[i * n + rank] = product[column[row * n + rank]!]!;
      scores[i * n + rank] = score[row * n + rank]!;
    }
  }
  writeFileSync(join(task.folder, 'lists.u32'), columns);
  writeFileSync(join(task.folder, 'lists.f32'), scores);
  const factors = new Float32Array(task.products * task.factors);
  for (const [i, to] of product.entries()) {
    factors.set(model!.itemFactors.subarray(i * task.factors, (i + 1) * task.factors), to * task.factors);
  }
  writeFileSync(join(task.folder, 'model.f32'), factors);
}

const commands: Record<string, (command: never) => Promise<unknown>> = { load, fit, topN };
for await (const line of createInterface({ input: process.stdin })) {
  const { run, ...command } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await commands[run]!(command as never))}\n`);
}
await loaded?.pool.close();
