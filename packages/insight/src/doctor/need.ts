import { learningWindows, lineBytes, tierCount } from '@basketwise/core';
import type { ChoiceSizes, SourceRows } from '@basketwise/data';
import { type Config, planCampaigns, probabilityMeaning, rankableFeatures } from '@basketwise/pipeline';
import { choiceBytes, folds, nextProductBytes, usualSample } from '@basketwise/recommend';

/** Memory and disk of a run in bytes, estimated from the config and the rows of the tables. Usually 1 to 2 times the measured values. */
export interface Need {
  /** Shared memory of the kernels. */
  kernels: number;
  /** Memory of the whole process: the SQL engine, at most its limit, the kernels, the cached customer data, the program. */
  memory: number;
  /** Disk space of `output.dir`: the folder of this run, and spill files. */
  disk: number;
}

/** Memory of Node, and of the engine's code. */
const programBytes = 300 * 2 ** 20;
/** Measured memory of the SQL engine in bytes: fixed, per customer or holding, and per recommendation that it writes as CSV. */
const engineBytes = { fixed: 32 * 2 ** 20, row: 48, csv: 24 };
/** Bytes of one recommendation in Parquet and in CSV. In CSV, the name of the product takes most of them. */
const recommendationBytes = { parquet: 10, csv: 100 };
/** Kernel memory that does not grow with the customers: matrices of products and factors, and scratch. */
const kernelFixedBytes = 64 * 2 ** 20;

/** Largest kernel memory, 4 GiB: the limit of 32-bit addresses. */
export const kernelLimit = 4 * 2 ** 30;

/**
 * Estimates the memory and disk that a run needs, as if all baskets were different. With equal baskets, a run needs less. The
 * kernels need the largest of these:
 * - the holdings' matrix while it is sorted: 12 B per holding, 4 B per customer
 * - a campaign's table beside the matrix: 12 B per entry, the constant included, and 24 B per customer
 * - the points of a cluster scheme: 4 B per feature and customer
 *
 * If models rank by features, customers do not share lists. Each customer then needs 4 B per feature for levels. Each entry of a
 * list needs 12 B in kernels and 13 B outside. Learned models also need matrices of products x products, and the choices that they
 * learn from (`learningNeed`). Probabilities without dates also need scores of all products (`nextProductBytes`).
 * @param choices sizes of the choices that models learn from. Absent: all products, and a quarter of the customers in each window
 */
export function estimateNeed(config: Config, { customers, products, holdings }: SourceRows, choices?: ChoiceSizes): Need {
  const campaigns = Object.keys(config.campaigns).length;
  const schemes = Object.values(config.clusters);
  const widest = Math.max(0, ...schemes.map(({ numeric, categorical }) => numeric.length + categorical.length));
  const matrix = 12 * holdings + 4 * customers;
  const learning = learningNeed(config, products, customers, choices);
  const next = probabilityMeaning(config) === 'next product' ? nextProductBytes(products, customers) : { kernels: 0, heap: 0 };
  const matrices = 4 * products * (products * learning.matrices + Number(config.model.factors ?? 32));
  const table = 12 * (holdings + customers) + 24 * customers + matrices;
  const features = Object.keys(rankableFeatures(config)).length;
  const apart = features === 0 ? 0 : customers;
  const ownLists = apart * (4 * (features + 1) + 12 * config.top_n);
  const scored = matrix + table + ownLists + next.kernels;
  const kernels = kernelFixedBytes + Math.max(scored, 4 * widest * customers, learning.kernels);
  const perCustomer = 16 + campaigns + config.rules.length + 2 * schemes.length + 8 * config.top_n;
  const snapshot = 10 * holdings + 8 * customers * (2 + widest * Math.max(1, schemes.length) + config.rules.length);
  const lists = customers * campaigns * config.top_n;
  const written = config.output.formats.includes('csv') ? engineBytes.csv * lists : 0;
  const engine = (more: number) =>
    Math.min(config.source.memory, engineBytes.fixed + engineBytes.row * (customers + holdings) + more);
  const results = config.output.formats.reduce((sum, format) => sum + lists * recommendationBytes[format], 0);
  return {
    kernels,
    memory:
      kernels +
      Math.max(engine(0) + Math.max(learning.heap, next.heap), engine(written)) +
      perCustomer * customers +
      apart * (2 * features + 4 + 13 * config.top_n) +
      programBytes,
    disk: snapshot + results + config.source.memory,
  };
}

/** Bytes of the heap while models are chosen, without the choices and the matrices. */
const choosingBytes = 64 * 2 ** 20;
/** Number of matrices, products x products, in memory while weights are learned: 3 for each of two fits, 2 for the ensemble. */
const linedMatrices = 8;

/** Bytes of the heap for a test case of the folds that decide between models, with its share of the components. */
const caseBytes = 900;

/** Share of the customers who purchase within a window, if the number of purchases is unknown. */
const purchasingShare = 1 / 4;

/** Number of customers who purchase within a window, or have a product held out. */
function purchasingIn({ tables }: Config, customers: number, sizes: ChoiceSizes | undefined): number {
  if (sizes !== undefined && tables.holdings.date === null) return customers / folds;
  return typeof sizes?.recent === 'number' ? sizes.recent / learningWindows : customers * purchasingShare;
}

/** Memory of learned models in bytes: in kernels and in the heap while they are learned, and for matrices while lists are made. */
function learningNeed(
  config: Config,
  products: number,
  customers: number,
  sizes: ChoiceSizes | undefined,
): { kernels: number; heap: number; matrices: number } {
  const learned = planCampaigns(config).filter(({ spec }) => spec === null);
  if (learned.length === 0) return { kernels: 0, heap: 0, matrices: 1 };
  const sample = Math.max(...learned.map(({ model }) => model.sample ?? usualSample.sample));
  const drawn = Math.min(1, sample / Math.max(1, customers));
  const hasFeatures = Object.keys(rankableFeatures(config)).length > 0;
  const choices = choiceBytes(sizes?.widestClass ?? products, drawn * purchasingIn(config, customers, sizes), hasFeatures);
  const square = 8 * products ** 2;
  // Without dates, all folds but the first decide at the end, for all campaigns.
  const isDecided = config.tables.holdings.date === null;
  const deciding = isDecided ? learned.length * (learningWindows - 1) * ((drawn * customers) / folds) * caseBytes : 0;
  return {
    kernels: Math.max(choices, square),
    heap: choosingBytes + choices + deciding + linedMatrices * Math.min(lineBytes, square),
    matrices: tierCount + 1,
  };
}

/** Number of bytes as text, with a unit. */
export function bytesText(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
