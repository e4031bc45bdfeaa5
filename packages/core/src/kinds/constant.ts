/** Name of the constant pseudo-product, which everybody holds: the item bias. */
export const constantName = 'baseline';
