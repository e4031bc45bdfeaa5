import { bug } from '@basketwise/core';
import type { DuckdbEngine } from '@basketwise/data';

/** Arm of each customer, and the random order in which a class is divided into shares. */
export interface Arms {
  /** 1 for customers of the control, u8[customers]. Their offers are decided, but they are never contacted. */
  control: Uint8Array;
  /** Sort key of each customer, u32[customers]: uniform over 32 bits, and independent of the arm. */
  order: Uint32Array;
}

/** Control settings of a config. */
export interface ControlConfig {
  share: number;
  salt: string;
}

/**
 * Draws each customer's arm from a hash of the salt and the customer's id. The arm is therefore the same in every run and campaign.
 *   h = md5(salt + ":" + id);   control if the first 8 hexadecimal digits of h are below share x 2^32;   order = next 8 digits
 * @param from relation of customers in their order, with `id`
 */
export async function drawArms(
  engine: DuckdbEngine,
  from: string,
  customers: number,
  control: ControlConfig | undefined,
  signal: AbortSignal,
): Promise<Arms> {
  const arms = { control: new Uint8Array(customers), order: new Uint32Array(customers) };
  const salt = control?.salt ?? '';
  const most = (control?.share ?? 0) * 2 ** 32;
  let at = 0;
  // The engine computes the hash as a number in half the time that it needs for the digits. The bytes of the number are reversed.
  const hash = `md5_number(concat(${engine.dialect.text(salt)}, ':', id))`;
  const word = (bits: number) => `CAST((${hash} >> ${bits}) & 4294967295 AS UINTEGER)`;
  const sql = `SELECT ${word(0)} AS place, ${word(32)} AS drawn FROM ${from}`;
  for await (const { rows, columns } of engine.query(sql, { signal, place: 'customers', reuse: true })) {
    const [place, order] = [columns.place as Float64Array, columns.drawn as Float64Array];
    for (let i = 0; i < rows; i++, at++) {
      arms.control[at] = fromBehind(place[i]!) < most ? 1 : 0;
      arms.order[at] = fromBehind(order[i]!);
    }
  }
  if (at !== customers) throw bug(`${at} customers, not ${customers}`);
  return arms;
}

/** Word with reversed bytes. */
function fromBehind(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
