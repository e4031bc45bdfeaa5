/** How well scores for a product separate its purchasers from other customers. */
export interface Response {
  /**
   * Area under the ROC curve: the probability that a purchaser has a higher score than a customer who is no purchaser. Equal scores
   * count half. NaN if there are no purchasers, or only purchasers.
   */
  auc: number;
  /**
   * Rate of purchase among the tenth of the customers with the highest scores, divided by the rate among all customers. NaN without
   * purchases.
   */
  topDecileLift: number;
  buyers: number;
  customers: number;
}

/**
 * AUC and top-decile lift of one product. At the border of the tenth, rows of equal score are divided in proportion, so that the
 * order of customers does not matter.
 * @param score score of each basket row, f64[rows]
 * @param customers number of customers of each row
 * @param buyers number of purchasers of each row
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
