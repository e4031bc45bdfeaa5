import type { CampaignResults } from './results.ts';
import type { AppendColumn, NumberArray } from './table-appender.ts';

/** Texts that repeat, each once, and the array type of an index into them that DuckDB lays its ENUMs out with. */
export class TextIndex {
  readonly texts: readonly string[];
  readonly #positions: ReadonlyMap<string, number>;

  constructor(texts: Iterable<string>) {
    this.texts = [...new Set(texts)];
    this.#positions = new Map(this.texts.map((text, i) => [text, i]));
  }

  positionOf(text: string): number {
    return this.#positions.get(text)!;
  }

  allocate(length: number): Uint8Array | Uint16Array | Uint32Array {
    const texts = this.texts.length;
    return texts <= 0xff ? new Uint8Array(length) : texts <= 0xffff ? new Uint16Array(length) : new Uint32Array(length);
  }
}

/** The texts that stand in the rows of a campaign. An empty text means null. */
export interface ResultTexts {
  codes: TextIndex;
  names: TextIndex;
  sources: TextIndex;
  reasons: TextIndex;
  /** By product: positions of its code and name. */
  codeOf: Uint32Array;
  nameOf: Uint32Array;
}

/** Texts of a campaign's rows; `products` in product order. */
export function resultTexts(products: readonly { code: string; name: string }[], { units }: CampaignResults): ResultTexts {
  const codes = new TextIndex(products.map(({ code }) => code));
  const names = new TextIndex(products.map(({ name }) => name));
  return {
    codes,
    names,
    sources: new TextIndex(units.sources),
    reasons: new TextIndex(['', ...(units.reasons ?? [])]),
    codeOf: Uint32Array.from(products, ({ code }) => codes.positionOf(code)),
    nameOf: Uint32Array.from(products, ({ name }) => names.positionOf(name)),
  };
}

/**
 * The lists of customers `from` .. `to - 1`, one row per customer (empty where he is not served), gathered from those of their units: cluster,
 * then lists of rank, code, name, score, probability, source and reason. Lists of what the units lack are empty.
 */
export function gatherLists({ unit, units }: CampaignResults, texts: ResultTexts, from: number, to: number): AppendColumn[] {
  const start = new Uint32Array(to - from + 1);
  for (let i = 0; i < to - from; i++) {
    const u = unit[from + i]!;
    start[i + 1] = start[i]! + (u < 0 ? 0 : units.start[u + 1]! - units.start[u]!);
  }
  const rows = start[to - from]!;
  /** Which row of the units each row comes from. */
  const origin = new Uint32Array(rows);
  const rank = new Uint16Array(rows);
  for (let i = 0; i < to - from; i++) {
    const [first, end] = [start[i]!, start[i + 1]!];
    for (let row = first; row < end; row++) {
      origin[row] = units.start[unit[from + i]!]! + row - first;
      rank[row] = row - first + 1;
    }
  }
  const sourceOf = Uint32Array.from(units.sources, (text) => texts.sources.positionOf(text));
  const reasonOf = Uint32Array.from(['', ...(units.reasons ?? [])], (text) => texts.reasons.positionOf(text));
  const { product, source, reason, probability, cluster } = units;
  const code = texts.codes.allocate(rows);
  const name = texts.names.allocate(rows);
  const sources = texts.sources.allocate(rows);
  const score = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = origin[row]!;
    code[row] = texts.codeOf[product[at]!]!;
    name[row] = texts.nameOf[product[at]!]!;
    score[row] = units.score[at]!;
    sources[row] = sourceOf[source[at]!]!;
  }
  const probabilities = probability && new Float32Array(rows);
  if (probabilities) for (let row = 0; row < rows; row++) probabilities[row] = probability[origin[row]!]!;
  const reasons = reason && texts.reasons.allocate(rows);
  if (reasons) for (let row = 0; row < rows; row++) reasons[row] = reasonOf[reason[origin[row]!]! + 1]!;
  const list = (values: NumberArray): AppendColumn => ({ values, start });
  const empty: AppendColumn = { values: new Uint8Array(0), start: new Uint32Array(to - from + 1) };
  const clusters = new Int32Array(to - from).fill(-1);
  for (let i = 0; cluster && i < to - from; i++) if (unit[from + i]! >= 0) clusters[i] = cluster[unit[from + i]!]!;
  return [
    { values: clusters },
    list(rank),
    list(code),
    list(name),
    list(score),
    probabilities ? list(probabilities) : empty,
    list(sources),
    reasons ? list(reasons) : empty,
  ];
}
