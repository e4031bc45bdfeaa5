declare const address: unique symbol;

/** An address in kernel memory: bytes from its start, below 2^32; the end of an allocation too. Only kernel memory makes one, and `offset` from another. */
export type Address = number & { readonly [address]: true };

/** A number that is not an address: where a kernel takes one, an address does not compile. */
export type Quantity = number & { readonly [address]?: never };

/** In place of an address: there is none. */
export const nowhere = 0 as Address;

/** The address so many bytes after another. */
export function offset(from: Address, bytes: number): Address {
  return (from + bytes) as Address;
}
