/**
 * Config of a bank without dates: one campaign over all products, the default model, tables in CSV files beside it.
 * @param more lines of further keys, each ending its line
 */
export const undatedConfig = (more: string): string => `reference_date: 2026-01-01
source: { path: . }
tables:
  customers: { from: customers.csv, id: customer }
  products: { from: products.csv, code: code, name: code, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code }
campaigns:
  all: { kind: upsell, class: product }
${more}model: { kind: automatic }
output: { dir: ./out, formats: [csv] }
`;
