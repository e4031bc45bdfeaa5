/** A subset of a bank's customers, numbered anew. */
export interface SomeCustomers {
  customers: number;
  /** i32[customers of the bank]: number in the subset, -1 for others. */
  numberOf: Int32Array;
  /** Name of the draw: equal draws from one bank select the same customers. */
  drawn: string;
}

/** Stores values by customer number of the subset, from 0 on; values of other customers are dropped. @param numbers one for each value */
export function setSome(into: Int16Array | Int32Array, values: ArrayLike<number>, numbers: Int32Array): void {
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! >= 0) into[numbers[i]!] = values[i]!;
}

/** Numbers in the bank of some of its customers, by their number among them. */
export function numbersInBank({ customers, numberOf }: SomeCustomers): Int32Array {
  const numbers = new Int32Array(customers);
  for (let customer = 0; customer < numberOf.length; customer++)
    if (numberOf[customer]! >= 0) numbers[numberOf[customer]!] = customer;
  return numbers;
}
