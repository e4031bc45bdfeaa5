/**
 * Descriptions of the components of next-purchase models: what each component's score of a product for a customer measures. Customers are those of
 * the training data of the component.
 */
export const componentWords: Readonly<Record<string, string>> = {
  popularity: 'share of customers who hold the product',
  lookup: 'share of its holders among customers with exactly these products',
  'lookup of 1': 'as lookup, with less weight of the popularity',
  'lookup of 100': 'as lookup, with more weight of the popularity',
  ease: 'linear model of products that customers hold together (EASE)',
  als: 'matrix factorization of the holdings of customers (ALS)',
  'lift of held': 'held together with their products more often than by chance',
  'lift of next': 'purchased after their products more often than by chance',
  'up-sell rate': 'purchases by customers who hold products of the bank, per time on sale',
  'up-sell rate by recency': 'the same, by the age of the newest holding',
  'sales rate of 12 months': 'purchases of the last 12 months, per time on sale',
  'sales rate of 3 months': 'purchases of the last 3 months, per time on sale',
  'sales rate of 1 month': 'purchases of the last month, per time on sale',
  'lookup-next': 'next purchases of customers with exactly these products',
  'lookup-next of 3 months': 'the same, of the last 3 months',
};
