import {
  type BasketEntry,
  type Model,
  noProductsReason,
  popularReason,
  reasonAmong,
  required,
  sameProductsReason,
  unpackEntry,
} from '@basketwise/core/parts';
import type { CampaignTable } from './baskets.ts';
import type { CampaignModels } from './train.ts';

/** Position of `popular` among the reasons. */
export const popularText = 0;

/** Texts of the reasons from purchases by customers with exactly the same products, or also without products. */
export const sameProductsText = 'purchased by customers with the same products';
export const noProductsText = 'purchased by customers without products';

/**
 * Texts of reasons, each once: `popular`, `holds PRODUCT` for a held product, `FEATURE LEVEL` for a feature of the customer, and
 * the two texts above.
 * Reasons are numbers of the table's columns and of the model's levels (see core's `TopN`).
 */
export class ReasonTexts {
  readonly texts: string[] = ['popular'];
  readonly #table: CampaignTable['table'];
  readonly #productName: (code: string) => string;
  /** Position of each code's text, by model. */
  readonly #known = new Map<Model, Map<number, number>>();
  /** Row explained last, and its holdings. Cached, because rows come in order with several products each. */
  #row = -1;
  #basket: BasketEntry[] = [];

  /** @param productName text of a product, by the key of its group; default: the key */
  constructor({ table }: CampaignTable, { byCluster, all }: CampaignModels, productName = (code: string) => code) {
    this.#table = table;
    this.#productName = productName;
    for (const model of [...byCluster.values(), ...(all ? [all] : [])]) this.#known.set(model, new Map());
  }

  /** Position of the text of a kernel's reason. */
  of(model: Model, code: number): number {
    if (code === popularReason) return popularText;
    const known = required(this.#known, model);
    const found = known.get(code);
    if (found !== undefined) return found;
    const text = this.#textOf(model, code);
    const at = this.texts.indexOf(text);
    const position = at < 0 ? this.texts.push(text) - 1 : at;
    known.set(code, position);
    return position;
  }

  #textOf(model: Model, code: number): string {
    if (code === sameProductsReason) return sameProductsText;
    if (code === noProductsReason) return noProductsText;
    const { columns } = this.#table;
    return code < columns.length ? `holds ${this.#productName(columns[code]!)}` : levelText(model, code - columns.length);
  }

  /** Position of the text of a reason, for a model that explains product by product. */
  explained(model: Model, row: number, column: number): number {
    const table = this.#table;
    if (row !== this.#row) {
      const start = table.memory.u32(table.start, table.rows + 1);
      this.#basket = Array.from(table.memory.u32(table.entry, table.entries).subarray(start[row], start[row + 1]), unpackEntry);
      this.#row = row;
    }
    if (model.columns !== table.columns && model.columns.join('\n') !== table.columns.join('\n')) return popularText;
    const why = model.explain(this.#basket, column);
    if (why === null) return popularText;
    const values = why.contributions.map(({ value }) => value);
    const most = why.contributions[reasonAmong(why, values)];
    return most === undefined ? popularText : this.of(model, most.column);
  }
}

/** Level of a model's features, as text. */
function levelText(model: Model, level: number): string {
  let first = 0;
  for (const { name, levels } of model.features ?? []) {
    if (level < first + levels.length) return `${name} ${levels[level - first]!}`;
    first += levels.length;
  }
  return 'popular';
}
