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

/** The lists of customers `from` .. `to - 1`, one row per customer (empty where he is not served), gathered from those of their units. */
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
  const reasons = texts.reasons.allocate(rows);
  const score = new Float32Array(rows);
  const probabilities = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = origin[row]!;
    code[row] = texts.codeOf[product[at]!]!;
    name[row] = texts.nameOf[product[at]!]!;
    score[row] = units.score[at]!;
    sources[row] = sourceOf[source[at]!]!;
    probabilities[row] = probability ? probability[at]! : Number.NaN;
    reasons[row] = reason ? reasonOf[reason[at]! + 1]! : 0;
  }
  const list = (values: NumberArray): AppendColumn => ({ values, start });
  const clusters = Int32Array.from({ length: to - from }, (_, i) =>
    cluster && unit[from + i]! >= 0 ? cluster[unit[from + i]!]! : -1,
  );
  return [
    { values: clusters },
    list(rank),
    list(code),
    list(name),
    list(score),
    list(probabilities),
    list(sources),
    list(reasons),
  ];
}
