/** Subset of a bank's customers, with its own numbering. */
export interface SomeCustomers {
  customers: number;
  /** Number of each customer in the subset, i32[customers of the bank]; -1 for others. */
  numberOf: Int32Array;
  /** Name of the draw. Equal draws from one bank select the same customers. */
  drawn: string;
}

/**
 * Stores values by their customer's number in the subset. Values of other customers are dropped. @param numbers bank's customer
 * number of each value
 */
export function setSome(into: Int16Array | Int32Array, values: ArrayLike<number>, numbers: Int32Array): void {
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! >= 0) into[numbers[i]!] = values[i]!;
}

/** Bank's numbers of the customers in the subset, in the order of the subset. */
export function numbersInBank({ customers, numberOf }: SomeCustomers): Int32Array {
  const numbers = new Int32Array(customers);
  for (let customer = 0; customer < numberOf.length; customer++)
    if (numberOf[customer]! >= 0) numbers[numberOf[customer]!] = customer;
  return numbers;
}
