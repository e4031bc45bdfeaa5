declare const address: unique symbol;

/**
 * Address in kernel memory, or the end of an allocation: bytes from the start of the memory, below 2^32.
 * Only KernelMemory and `offset` create addresses.
 */
export type Address = number & { readonly [address]: true };

/** Number that is not an address. Kernel parameters of this type do not accept addresses. */
export type Quantity = number & { readonly [address]?: never };

/** Address of an absent array. */
export const nowhere = 0 as Address;

/** Address `bytes` bytes after `from`. */
export function offset(from: Address, bytes: number): Address {
  return (from + bytes) as Address;
}
