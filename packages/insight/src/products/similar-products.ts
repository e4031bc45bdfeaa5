import { join } from 'node:path';
import { AppError, fitItemKnn, type Model, type PlainDate, type Product, required } from '@basketwise/core';
import { comparable, trainedOn } from '@basketwise/data';
import { textTable } from '@basketwise/page';
import { loadFitted, type Settings } from '@basketwise/pipeline';
import { distance } from 'fastest-levenshtein';
import { type FinishedRun, openFinishedRun } from '../explain/finished-run.ts';
import { loadAllBaskets, type OpenBank, type ProductLabel, productLabels } from './all-baskets.ts';

/** Options of a search for similar products. */
export interface SimilarOptions {
  /** Name of a successful run. Absent: the latest run. */
  run?: string;
  /** Campaign whose model compares products. Absent: products are compared by their holders. */
  campaign?: string;
  /** Largest number of products listed. */
  top: number;
}

/** Products that are similar to a given product. */
export interface SimilarProducts {
  run: string;
  referenceDate: PlainDate;
  product: ProductLabel;
  /** How products were compared. `holders`: by the cosine of the sets of holders. Otherwise: the kind of the model that compared. */
  by: string;
  /** Similar products, the most similar first (ties: by column). */
  similar: readonly (ProductLabel & { similarity: number })[];
}

/** Similarity of every column to a given column. `columns` are group keys. */
interface Similarities {
  by: string;
  columns: readonly string[];
  values: Float64Array;
}

/**
 * Finds products similar to a given product, by their holders (cosine over all customers) or by a campaign's model. If each cluster
 * has a model, similarities are means over the models, weighted by customers.
 * @param wanted code or name of the product
 * @throws AppError missing-input for an unknown product or run; usage for an unknown campaign, or a campaign without the product;
 * config for a model that does not depend on holdings
 */
export async function similarProducts(
  settings: Settings,
  wanted: string,
  options: SimilarOptions,
  open: OpenBank = openFinishedRun,
): Promise<SimilarProducts> {
  const run = await open(settings, options.run);
  try {
    const products = await run.snapshot.products();
    const product = findProduct(products, wanted);
    const found = options.campaign === undefined ? await byHolders(run, product) : await byModel(run, options.campaign, product);
    const label = productLabels(products);
    const similar = [...found.columns.entries()]
      .filter(([column, key]) => label.has(key) && key !== product.groupKey && found.values[column] !== 0)
      .map(([column, key]) => ({ ...required(label, key), similarity: found.values[column]! }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, options.top);
    const { name, referenceDate } = run;
    return { run: name, referenceDate, product: required(label, product.groupKey), by: found.by, similar };
  } finally {
    await run.close();
  }
}

async function byHolders(run: FinishedRun, { groupKey }: Product): Promise<Similarities> {
  const { training } = await loadAllBaskets(run);
  const { columns } = training.table;
  const model = await fitItemKnn(training, { similarity: 'cosine', neighbours: columns.length });
  const at = columns.indexOf(groupKey);
  return { by: 'holders', columns, values: model.foldIn([{ column: at, band: 0 }]) };
}

async function byModel(run: FinishedRun, campaign: string, { code, groupKey }: Product): Promise<Similarities> {
  const training = run.trainings.find((one) => one.campaign === campaign);
  if (!training) {
    const names = run.trainings.map((one) => one.campaign);
    throw new AppError('usage', `run ${run.name} has no campaign ${campaign}`, `There are: ${names.join(', ')}.`);
  }
  const common = training.fits.filter(({ cluster }) => cluster === null);
  const fits = common.length > 0 ? common : training.fits;
  const values = new Map<string, number>();
  const customers = fits.reduce((sum, fit) => sum + fit.customers, 0);
  let kind: string = training.spec.kind;
  for (const fit of fits) {
    const model = await loadFitted(join(run.folder, fit.file), trainedOn(run.snapshot.manifest));
    kind = model.kind;
    const at = model.columns.indexOf(groupKey);
    if (at < 0) continue;
    const own = modelSimilarities(model, at);
    for (const [column, key] of model.columns.entries())
      values.set(key, (values.get(key) ?? 0) + (own[column]! * fit.customers) / customers);
  }
  if (!values.has(groupKey))
    throw new AppError('usage', `product ${code} is not a column of campaign ${campaign}`, 'Choose a campaign of its class.');
  if ([...values].every(([key, value]) => key === groupKey || value === 0)) {
    throw new AppError(
      'config',
      `campaign ${campaign} has a model of kind ${kind}, whose scores do not depend on ${code}`,
      'Compare by holders (leave --campaign out), or by a campaign with a model of another kind than popularity.',
    );
  }
  return { by: kind, columns: [...values.keys()], values: Float64Array.from(values.values()) };
}

/** Similar products as text for the terminal. */
export function similarText({ run, referenceDate, product, by, similar }: SimilarProducts): string {
  const how = by === 'holders' ? 'customers who hold both' : `the ${by} model`;
  const head = `run ${run}, as of ${referenceDate}: like ${product.name} (${product.code}), by ${how}\n`;
  if (similar.length === 0) return `${head}nothing is like it\n`;
  const rows = similar.map(({ name, code, class: of, similarity }) => [name, code, of, similarity.toFixed(4)]);
  return `${head}\n${textTable([['product', 'code', 'class', 'similarity'], ...rows])}`;
}

/** Largest number of products that the error for an unknown product suggests. */
const suggestions = 3;

const searchText = (text: string) => comparable(text).toLowerCase();

/** Distance of a text from a name: 0 if it is part of the name, otherwise the edit distance divided by the length. */
function farness(wanted: string, text: string): number {
  return text.includes(wanted) ? 0 : distance(wanted, text) / Math.max(wanted.length, text.length);
}

/**
 * Finds the product with the code `wanted`. If there is none, finds the first product with this name. If nothing matches exactly,
 * case is ignored.
 * @throws AppError missing-input naming similar products
 */
export function findProduct(products: readonly Product[], wanted: string): Product {
  const [exact, loose] = [comparable(wanted), searchText(wanted)];
  const found =
    products.find(({ code }) => comparable(code) === exact) ??
    products.find(({ name }) => comparable(name) === exact) ??
    products.find(({ code, name }) => searchText(code) === loose || searchText(name) === loose);
  if (found) return found;
  const near = products
    .map((product) => ({
      product,
      far: Math.min(farness(loose, searchText(product.code)), farness(loose, searchText(product.name))),
    }))
    .filter(({ far }) => loose !== '' && far <= 0.5)
    .sort((a, b) => a.far - b.far || a.product.product - b.product.product)
    .slice(0, suggestions)
    .map(({ product: { code, name } }) => `\`${code}\` (${name})`);
  throw new AppError(
    'missing-input',
    `no product has the code or name \`${wanted}\``,
    near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'Give a code or a name as the products table has it.',
  );
}

/** Differences smaller than this share of the largest score count as rounding errors. */
const roundingShare = 1e-9;

/**
 * Similarity of every column of a model to one column, f64[columns]. It is the model's own measure if the model has one.
 * Otherwise, imagine for each product a customer who holds only this product. The similarity of two products is the cosine of the
 * scores of their two customers, -1 to 1. From each score, the mean over all these customers is subtracted first.
 * Products are then similar if their holders get the same recommendations. It is 0 for a product that changes no score.
 */
function modelSimilarities(model: Model, column: number): Float64Array {
  if (model.similarities) return model.similarities(column);
  const width = model.columns.length - model.pseudoColumns;
  const scores = Array.from({ length: width }, (_, held) => model.foldIn([{ column: held, band: 0 }]).subarray(0, width));
  const found = new Float64Array(model.columns.length);
  if (width < 2) return found;
  const changes = changesFromMean(scores);
  for (let other = 0; other < width; other++) found[other] = cosineOfOthers(changes, column, other);
  return found;
}

/**
 * Scores of each imaginary customer, less the mean score of each product over the customers who do not hold it.
 * @param scores f64[products] for each of the customers, in the order of the products that they hold
 */
function changesFromMean(scores: readonly Float64Array[]): Float64Array[] {
  const width = scores.length;
  const mean = new Float64Array(width);
  let largest = 0;
  for (const [held, own] of scores.entries()) {
    for (let at = 0; at < width; at++) {
      if (at === held) continue;
      mean[at]! += own[at]! / (width - 1);
      largest = Math.max(largest, Math.abs(own[at]!));
    }
  }
  const change = (score: number, at: number) => (Math.abs(score - mean[at]!) > roundingShare * largest ? score - mean[at]! : 0);
  return scores.map((own) => own.map(change));
}

/** Cosine of the changes of two products, without the entries of these two products. 0 if there are no other changes. */
function cosineOfOthers(changes: readonly Float64Array[], one: number, other: number): number {
  const [a, b] = [changes[one]!, changes[other]!];
  let [product, ofA, ofB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    if (at === one || at === other) continue;
    product += a[at]! * b[at]!;
    ofA += a[at]! ** 2;
    ofB += b[at]! ** 2;
  }
  return ofA > 0 && ofB > 0 ? product / Math.sqrt(ofA * ofB) : 0;
}
