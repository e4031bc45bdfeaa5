import { AppError } from '@basketwise/core';
import type { DuckdbEngine } from '@basketwise/data';

/** Arms of customers, and their order where not all of a class are offered the same. */
export interface Arms {
  /** 1: in the control, who are decided for and never contacted. */
  control: Uint8Array;
  /** Uniform over 32 bits, and nothing that the arm tells of. */
  order: Uint32Array;
}

/** The control of a config. */
export interface ControlConfig {
  share: number;
  salt: string;
}

/**
 * SQL of a customer's place in [0, 2^32) by their id and a salt alone: the first eight digits of md5(salt, a colon, id), read as a hexadecimal
 * number. Those below share x 2^32 are in the control.
 */
function placeSql(engine: DuckdbEngine, salt: string, digits: 0 | 8): string {
  const hash = `md5(concat(${engine.dialect.text(salt)}, ':', id))`;
  return `CAST(concat('0x', substr(${hash}, ${digits + 1}, 8)) AS UINTEGER)`;
}

/**
 * Draws every customer's arm: it depends on their id and the salt alone, so that it is the same in every night and campaign.
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
  const sql = `SELECT ${placeSql(engine, salt, 0)} AS place, ${placeSql(engine, salt, 8)} AS drawn FROM ${from}`;
  for await (const { rows, columns } of engine.query(sql, { signal, place: 'customers', reuse: true })) {
    const [place, order] = [columns.place as Float64Array, columns.drawn as Float64Array];
    for (let i = 0; i < rows; i++, at++) {
      arms.control[at] = place[i]! < most ? 1 : 0;
      arms.order[at] = order[i]!;
    }
  }
  if (at !== customers) throw new AppError('bug', `${at} customers, not ${customers}`, 'Report this.');
  return arms;
}
