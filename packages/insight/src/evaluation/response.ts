/** One product as a response model: who bought it, against the score that they had for it. */
export interface Response {
  /** Area under the ROC curve: chance that a buyer outscores another customer, ties counting half. NaN without both kinds. */
  auc: number;
  /** Rate of purchase in the tenth with the highest scores over that of all. NaN without purchases. */
  topDecileLift: number;
  buyers: number;
  customers: number;
}

/**
 * AUC and top-decile lift of one product. Units of equal score are shared out evenly, so that neither depends on the order of customers.
 * @param score score of each unit (a basket); `customers` and `buyers` say how many stand behind it.
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
