const held =
  "{ sql: \"SELECT DISTINCT gds_korn_nm AS code, 'product' AS class FROM 'holdings.parquet'\", code: code, name: code, class: class }";

const holders = '{ sql: "SELECT DISTINCT csno FROM \'holdings.parquet\'", id: csno }';
const dated = '{ from: holdings.parquet, customer: csno, product: gds_korn_nm, by: code, date: open_dt, closed: close_dt }';

/** A config for the holdings of a sample bank alone: it names their columns and one campaign, and says nothing else. */
export function ownConfig(
  date: string,
  campaigns = '{ all: { kind: upsell, class: product } }',
  { customers = holders, products = held, holdings = dated } = {},
): string {
  return `reference_date: ${date}
source: { path: . }
tables:
  customers: ${customers}
  products: ${products}
  holdings: ${holdings}
consent: { none: the page asks for none }
campaigns: ${campaigns}
output: { formats: [csv] }
`;
}

/** Rows of a CSV without quoted cells, by the names of its columns. */
export function recommendationRows(text: string): Record<string, string>[] {
  const [header, ...lines] = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split('\n');
  const names = header!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])));
}

/** A recommendation as page and job show it; scores and probabilities are of single precision in both. */
export function ownTold({ customer, rank, product_code: product, score, probability, reason }: Record<string, string>) {
  return [customer, rank, product, Math.fround(Number(score)), Math.fround(Number(probability)), reason];
}
