/** Subset of a bank's customers, with its own numbering. */
export interface SomeCustomers {
  customers: number;
  /** Index of each customer in the subset, i32[customers of the bank]; -1 for others. */
  numberOf: Int32Array;
  /** Name of the draw. Equal draws from one bank select the same customers. */
  drawn: string;
}

/**
 * Copies values of the bank's customers into an array by the customers' numbers in a subset. Drops the values of other customers.
 * @param numbers number in the subset of each value's customer; -1 for other customers
 */
export function setSome(into: Int16Array | Int32Array, values: ArrayLike<number>, numbers: Int32Array): void {
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! >= 0) into[numbers[i]!] = values[i]!;
}

/** Customer number in the bank of each customer of the subset, i32[customers of the subset]. */
export function numbersInBank({ customers, numberOf }: SomeCustomers): Int32Array {
  const numbers = new Int32Array(customers);
  for (let customer = 0; customer < numberOf.length; customer++)
    if (numberOf[customer]! >= 0) numbers[numberOf[customer]!] = customer;
  return numbers;
}
