/**
 * Config of a bank without dates: the default model, tables in CSV files beside it.
 * @param more lines of further keys, each ending its line
 * @param campaigns lines of the campaigns, each ending its line; default: one over all products
 */
export const undatedConfig = (
  more: string,
  campaigns = '  all: { kind: upsell, class: product }\n',
): string => `reference_date: 2026-01-01
source: { path: . }
tables:
  customers: { from: customers.csv, id: customer }
  products: { from: products.csv, code: code, name: code, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code }
campaigns:
${campaigns}${more}model: { kind: automatic }
output: { dir: ./out, formats: [csv] }
`;
