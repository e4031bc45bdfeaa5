/**
 * Number of list entries that NDCG and recall of a validation pack use: the first 5, or all entries of shorter published lists.
 * @param topN length of published lists
 */
export function comparedLength(topN: number): number {
  return Math.min(5, topN);
}
