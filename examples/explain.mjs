// Why a product is recommended, and which products are like one: node examples/explain.mjs
import { openCore } from '@basketwise/core';

const products = ['current account', 'savings', 'credit card', 'fund', 'pension'];
const customer = [0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4];
const product = [0, 1, 0, 1, 2, 1, 3, 0, 2, 1, 3, 4];

const core = await openCore();
const baskets = await core.baskets({ customer, product, products });
const model = await core.fit(baskets, { kind: 'als', factors: 3, regularization: 1, alpha: 10 });
const held = baskets.of(2);
const [best] = model.recommendFor(held, { n: 1 });
console.log(`customer 2 holds ${held.map(({ product }) => product).join(', ')}: ${best.product}`);
for (const { product, value } of model.explain(held, best.product).contributions)
  console.log(`  ${product}: ${value.toFixed(3)}`);
console.log(`like fund: ${model.similar('fund', { n: 1 })[0].product}`);
await core.close();
