/** Number of entries of a list that NDCG and recall of a pack look at: 5, or all of a shorter published list. @param topN length of published lists */
export function comparedLength(topN: number): number {
  return Math.min(5, topN);
}
