/** Name of the constant pseudo-product, which all customers hold: the item bias. */
export const constantName = 'baseline';
