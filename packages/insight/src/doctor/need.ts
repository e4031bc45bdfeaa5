import { lineBytes, tierCount } from '@basketwise/core/parts';
import type { SourceRows } from '@basketwise/data';
import type { Config } from '@basketwise/pipeline';
import { planCampaigns, probabilityMeaning, rankableFeatures } from '@basketwise/pipeline/parts';
import { choiceBytes, nextProductBytes } from '@basketwise/recommend';

/** Upper bounds of the memory and disk that a run needs, in bytes. They are estimated from the config and the number of rows. */
export interface Need {
  /** Shared memory of the kernels. */
  kernels: number;
  /** Memory of the whole process: the limit of the SQL engine, the kernels, cached customer data, and the program. */
  memory: number;
  /** Disk space of `output.dir`: the folder of this run, and spill files. */
  disk: number;
}

/** Memory of Node, of the engine's code, and of results while they are written. */
const programBytes = 300 * 2 ** 20;
/** Bytes of one recommendation in Parquet and in CSV. In CSV, most of them are the product's name. */
const recommendationBytes = { parquet: 10, csv: 100 };
/** Kernel memory that does not grow with the customers: matrices of products and factors, and scratch. */
const kernelFixedBytes = 64 * 2 ** 20;

/** Largest kernel memory: all that 32-bit addresses reach. */
export const kernelLimit = 4 * 2 ** 30;

/**
 * Estimates the memory and disk that a run needs, as if all baskets were different. If baskets are equal, it needs less. The
 * kernels need the largest of these:
 * - the holdings' matrix while it is sorted: 12 B per holding, 4 B per customer
 * - a campaign's table beside the matrix: 12 B per entry, the constant included, and 24 B per customer
 * - the points of a cluster scheme: 4 B per feature and customer If models rank by features, customers do not share lists. Each
 *   customer then needs 4 B per feature for levels, and for each entry of a list 12 B in kernels and 13 B outside. Learned models
 *   also have the products squared, and the choices that they learn from (`learningNeed`).
 * Probabilities without dates also have scores of all products (`nextProductBytes`).
 */
export function estimateNeed(config: Config, { customers, products, holdings }: SourceRows): Need {
  const campaigns = Object.keys(config.campaigns).length;
  const schemes = Object.values(config.clusters);
  const widest = Math.max(0, ...schemes.map(({ numeric, categorical }) => numeric.length + categorical.length));
  const matrix = 12 * holdings + 4 * customers;
  const learning = learningNeed(config, products, customers);
  const next = probabilityMeaning(config) === 'next product' ? nextProductBytes(products, customers) : { kernels: 0, heap: 0 };
  const matrices = 4 * products * (products * learning.matrices + Number(config.model.factors ?? 32));
  const table = 12 * (holdings + customers) + 24 * customers + matrices;
  const features = Object.keys(rankableFeatures(config)).length;
  const apart = features === 0 ? 0 : customers;
  const ownLists = apart * (4 * (features + 1) + 12 * config.top_n);
  const kernels = kernelFixedBytes + Math.max(matrix + table + ownLists + next.kernels, 4 * widest * customers, learning.kernels);
  const perCustomer = 16 + campaigns + config.rules.length + 2 * schemes.length + 8 * config.top_n;
  const snapshot = 10 * holdings + 8 * customers * (2 + widest * Math.max(1, schemes.length) + config.rules.length);
  const lists = customers * campaigns * config.top_n;
  const results = config.output.formats.reduce((sum, format) => sum + lists * recommendationBytes[format], 0);
  return {
    kernels,
    memory:
      config.source.memory +
      kernels +
      Math.max(learning.heap, next.heap) +
      perCustomer * customers +
      apart * (2 * features + 4 + 13 * config.top_n) +
      programBytes,
    disk: snapshot + results + config.source.memory,
  };
}

/**
 * Number of product-by-product matrices in memory, as cached rows, while weights are learned: 3 for each of two fits, and 2 for
 * the ensemble.
 */
const linedMatrices = 8;

/** Memory for learning models: bytes in kernels, bytes in the heap, and the matrices of products while lists are made. */
function learningNeed(config: Config, products: number, customers: number): { kernels: number; heap: number; matrices: number } {
  const learned = planCampaigns(config).filter(({ spec }) => spec === null);
  if (learned.length === 0) return { kernels: 0, heap: 0, matrices: 1 };
  const choices = choiceBytes(products, customers, Object.keys(rankableFeatures(config)).length > 0);
  const square = 8 * products ** 2;
  return {
    kernels: Math.max(choices, square),
    heap: choices + linedMatrices * Math.min(lineBytes, square),
    matrices: tierCount + 1,
  };
}

/** Number of bytes as text, with a unit. */
export function bytesText(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
