/** One product as a response model: purchasers against their scores for it. */
export interface Response {
  /** Area under the ROC curve: probability that a purchaser outscores another customer, ties counting half. NaN without both kinds. */
  auc: number;
  /** Rate of purchase in the tenth with the highest scores over that of all. NaN without purchases. */
  topDecileLift: number;
  buyers: number;
  customers: number;
}

/**
 * AUC and top-decile lift of one product. Basket rows of equal score are divided equally, so that neither depends on the order of
 * customers.
 * @param score score of each basket row; `customers` and `buyers` are its numbers of customers and purchasers
 */
export function response(score: Float64Array, customers: Float64Array, buyers: Float64Array): Response {
  const order = Uint32Array.from(score.keys()).sort((a, b) => score[b]! - score[a]!);
  const allCustomers = customers.reduce((sum, n) => sum + n, 0);
  const allBuyers = buyers.reduce((sum, n) => sum + n, 0);
  const decile = allCustomers / 10;
  let [above, won, inDecile, others] = [0, 0, 0, 0];
  for (let i = 0; i < order.length; ) {
    let [tieCustomers, tieBuyers] = [0, 0];
    const tied = score[order[i]!];
    for (; i < order.length && score[order[i]!] === tied; i++) {
      tieCustomers += customers[order[i]!]!;
      tieBuyers += buyers[order[i]!]!;
    }
    const tieOthers = tieCustomers - tieBuyers;
    won += tieBuyers * (allCustomers - allBuyers - others - tieOthers / 2);
    inDecile += tieCustomers === 0 ? 0 : tieBuyers * Math.min(1, Math.max(0, decile - above) / tieCustomers);
    above += tieCustomers;
    others += tieOthers;
  }
  return {
    auc: won / (allBuyers * (allCustomers - allBuyers)),
    topDecileLift: inDecile / decile / (allBuyers / allCustomers),
    buyers: allBuyers,
    customers: allCustomers,
  };
}
