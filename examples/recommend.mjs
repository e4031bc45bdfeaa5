// Five products for a customer, from holdings in two arrays: node examples/recommend.mjs
import { openCore } from '@basketwise/core';

const products = ['current account', 'savings', 'credit card', 'fund', 'pension'];
// customer 0 holds the first two products, customer 1 the first three, and so on
const customer = Int32Array.of(0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4);
const product = Int32Array.of(0, 1, 0, 1, 2, 1, 3, 0, 2, 1, 3, 4);

const core = await openCore();
const baskets = await core.baskets({ customer, product, products });
const model = await core.fit(baskets, { kind: 'als', factors: 50, regularization: 4, alpha: 10 });
for (const { product, score, reason } of model.recommend(baskets, { n: 5 }).of(0)) {
  console.log(`${product}: ${score.toFixed(3)}, because of ${reason ?? 'nothing in particular'}`);
}
await core.close();
