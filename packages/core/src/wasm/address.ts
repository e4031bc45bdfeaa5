declare const address: unique symbol;

/**
 * An address in kernel memory: bytes from its start, below 2^32, or the end of an allocation. Only kernel memory makes one, and `offset`
 * from another.
 */
export type Address = number & { readonly [address]: true };

/** A number that is not an address: a kernel parameter of this type does not accept an address. */
export type Quantity = number & { readonly [address]?: never };

/** Stands for an absent address. */
export const nowhere = 0 as Address;

/** The address so many bytes after another. */
export function offset(from: Address, bytes: number): Address {
  return (from + bytes) as Address;
}
