import type { SmallBank } from './small-bank.ts';

/** A bank without dates: two kinds of customers, each with three products of their own, and one that all may hold. */
export function undatedBank(): SmallBank {
  const holdings: string[] = [];
  for (let i = 0; i < 300; i++) {
    const own = i % 2 === 0 ? ['A1', 'A2', 'A3'] : ['B1', 'B2', 'B3'];
    const held = own.filter((_, place) => (i >> (place + 1)) % 3 !== 0);
    if (i % 7 === 0) held.push('C');
    for (const product of held) holdings.push(`c${String(i).padStart(3, '0')},${product}`);
  }
  return {
    customers: `id\n${Array.from({ length: 300 }, (_, i) => `c${String(i).padStart(3, '0')}`).join('\n')}\n`,
    products: 'code,class\nA1,card\nA2,card\nA3,card\nB1,card\nB2,card\nB3,card\nC,card\n',
    holdings: `customer,product\n${holdings.join('\n')}\n`,
    config: `reference_date: 2022-12-31
source: { path: . }
tables:
  customers: { from: customers.csv, id: id }
  products: { from: products.csv, code: code, name: code, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code }
campaigns:
  cards: { kind: upsell, class: card }
model: { kind: automatic }
top_n: 3
output: { formats: [csv] }
`,
  };
}
