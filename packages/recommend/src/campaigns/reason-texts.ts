import {
  type BasketEntry,
  type Model,
  noProductsReason,
  popularReason,
  reasonAmong,
  required,
  sameProductsReason,
  unpackEntry,
} from '@basketwise/core';
import type { CampaignTable } from './baskets.ts';
import type { CampaignModels } from './train.ts';

/** Position of the text `popular` in the reasons' texts. */
export const popularText = 0;

/** Texts of the reasons based on purchases by customers with exactly the same basket. `noProductsText` is for the empty basket. */
export const sameProductsText = 'purchased by customers with the same products';
export const noProductsText = 'purchased by customers without products';

/**
 * Distinct texts of a campaign's reasons: `popular`, `holds PRODUCT` for a held product, `FEATURE LEVEL` for a feature of the customer,
 * `sameProductsText` and `noProductsText`. Models give reasons as numbers: first the table's columns, then the model's feature levels (see `TopN` in
 * core).
 */
export class ReasonTexts {
  readonly texts: string[] = ['popular'];
  readonly #table: CampaignTable['table'];
  readonly #productName: (code: string) => string;
  /** Position of the text of each reason number, by model. */
  readonly #known = new Map<Model, Map<number, number>>();
  /** Row that was explained last, and its basket. Cached, because the entries of a row are explained one after the other. */
  #row = -1;
  #basket: BasketEntry[] = [];

  /** @param productName text of a product, from its group key. Default: the group key */
  constructor({ table }: CampaignTable, { byCluster, all }: CampaignModels, productName = (code: string) => code) {
    this.#table = table;
    this.#productName = productName;
    for (const model of [...byCluster.values(), ...(all ? [all] : [])]) this.#known.set(model, new Map());
  }

  /** Position of the text of a reason number that a kernel wrote. */
  of(model: Model, code: number): number {
    if (code === popularReason) return popularText;
    const positions = required(this.#known, model);
    const cached = positions.get(code);
    if (cached !== undefined) return cached;
    const text = this.#textOf(model, code);
    const at = this.texts.indexOf(text);
    const position = at < 0 ? this.texts.push(text) - 1 : at;
    positions.set(code, position);
    return position;
  }

  #textOf(model: Model, code: number): string {
    if (code === sameProductsReason) return sameProductsText;
    if (code === noProductsReason) return noProductsText;
    const { columns } = this.#table;
    return code < columns.length ? `holds ${this.#productName(columns[code]!)}` : levelText(model, code - columns.length);
  }

  /** Position of a reason's text. Models without an explanation kernel explain one entry at a time, by `explain`. */
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

/** Text of a feature level, by its number among all levels of the model. */
function levelText(model: Model, level: number): string {
  let first = 0;
  for (const { name, levels } of model.features ?? []) {
    if (level < first + levels.length) return `${name} ${levels[level - first]!}`;
    first += levels.length;
  }
  return 'popular';
}
