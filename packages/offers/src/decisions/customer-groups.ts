import { AppError, bug, required } from '@basketwise/core';
import { type DuckdbEngine, queryRows } from '@basketwise/data';
import type { SchemeClusters } from '@basketwise/recommend';
import type { CapacityTerms } from './terms.ts';

/** Groups of customers. Two customers are in one group if every capacity treats them alike. */
export interface CapacityGroups {
  /** Group of each customer, u32[customers]. */
  group: Uint32Array;
  groups: number;
  /** Groups that a capacity counts. */
  of(capacity: CapacityTerms, place: string): number[];
}

/** Partition of the customers, by a segment or a cluster scheme: one code for each customer. */
interface GroupPartition {
  key: string;
  code: Uint32Array | Int16Array;
  /** Codes of the customers with a segment label, or in a cluster. */
  codes(value: string | number, place: string): number[];
}

/**
 * Groups customers by the segments and clusters that capacities name.
 * @param segments relation with one column for each segment, and rows in the order of customers
 */
export async function capacityGroups(
  engine: DuckdbEngine,
  capacities: readonly CapacityTerms[],
  segments: string,
  clusters: SchemeClusters,
  customers: number,
  signal: AbortSignal,
): Promise<CapacityGroups> {
  const names = [...new Set(capacities.flatMap(({ segment = {} }) => Object.keys(segment)))];
  const schemes = [...new Set(capacities.flatMap(({ cluster = {} }) => Object.keys(cluster)))];
  const partitions: GroupPartition[] = [];
  for (const name of names) partitions.push(await segmentPartition(engine, segments, name, customers, signal));
  for (const scheme of schemes) partitions.push(clusterPartition(scheme, clusters));
  const { group, members } = crossedPartitions(partitions, customers);
  return {
    group,
    groups: members.length,
    of(terms, place) {
      const wanted = wantedCodes(partitions, terms, place);
      return [...members.keys()].filter((number) => wanted.every(({ at, codes }) => codes.has(members[number]![at]!)));
    },
  };
}

/**
 * Crosses the partitions: numbers the distinct combinations of codes. Returns the number of each customer's combination, and the codes
 * of each combination, in the order of the partitions.
 */
function crossedPartitions(
  partitions: readonly GroupPartition[],
  customers: number,
): { group: Uint32Array; members: number[][] } {
  const group = new Uint32Array(customers);
  const members: number[][] = [];
  // Adds one partition at a time: key = group so far x codes of the partition + code. Distinct keys are then numbered as groups.
  for (const { code } of partitions) {
    const before = members.splice(0);
    let codes = 1;
    for (let customer = 0; customer < customers; customer++) codes = Math.max(codes, code[customer]! + 2);
    const groupOfCode = numbersBelow(Math.max(1, before.length) * codes);
    for (let customer = 0; customer < customers; customer++) {
      const key = group[customer]! * codes + (code[customer]! + 1);
      let number = groupOfCode.get(key);
      if (number === undefined) {
        number = members.length;
        groupOfCode.set(key, number);
        members.push([...(before[group[customer]!] ?? []), code[customer]!]);
      }
      group[customer] = number;
    }
  }
  if (members.length === 0) members.push([]);
  return { group, members };
}

/** Codes of the segments and clusters that a capacity names, for each partition concerned. */
function wantedCodes(
  partitions: readonly GroupPartition[],
  { segment = {}, cluster = {} }: CapacityTerms,
  place: string,
): { at: number; codes: Set<number> }[] {
  const named = (kind: 'segment' | 'cluster', terms: Readonly<Record<string, unknown>>) =>
    Object.entries(terms).map(([name, values]) => {
      const at = partitions.findIndex(({ key }) => key === `${kind} ${name}`);
      const listed = [values].flat() as (string | number)[];
      return { at, codes: new Set(listed.flatMap((value) => partitions[at]!.codes(value, `${place}.${kind}.${name}`))) };
    });
  return [...named('segment', segment), ...named('cluster', cluster)];
}

async function segmentPartition(
  engine: DuckdbEngine,
  segments: string,
  name: string,
  customers: number,
  signal: AbortSignal,
): Promise<GroupPartition> {
  const column = engine.dialect.identifier(name);
  const label = `coalesce(CAST(${column} AS VARCHAR), '')`;
  const labels = await queryRows(engine, `SELECT DISTINCT ${label} AS label FROM ${segments} ORDER BY label`, { signal });
  const numbers = new Map(labels.map((row, i): [string, number] => [String(row.label), i]));
  const list = [...numbers.keys()].map((one) => engine.dialect.text(one)).join(', ');
  const code = new Uint32Array(customers);
  let at = 0;
  const sql = `SELECT CAST(enum_code(CAST(${label} AS ENUM(${list}))) AS INTEGER) AS code FROM ${segments}`;
  for await (const { rows, columns } of engine.query(sql, { signal, place: 'segments', reuse: true })) {
    code.set((columns.code as Int32Array).subarray(0, rows), at);
    at += rows;
  }
  if (at !== customers) throw bug(`segments of ${at} customers, not ${customers}`);
  return { key: `segment ${name}`, code, codes: (label) => [numbers.get(String(label)) ?? -1] };
}

function clusterPartition(scheme: string, clusters: SchemeClusters): GroupPartition {
  const { clusters: code, count } = required(clusters, scheme);
  return {
    key: `cluster ${scheme}`,
    code,
    codes(cluster, place) {
      if (Number(cluster) < count) return [Number(cluster)];
      throw new AppError(
        'config',
        `${place}: there is no cluster ${cluster}, they are 0 to ${count - 1}`,
        'Name a cluster of the scheme.',
      );
    },
  };
}

/** Greatest number of keys for which numbers are stored in an array. */
const mostInArray = 2 ** 22;

/** Map from keys 0 to `limit` - 1 to numbers. An array if it is small enough, because an array is faster for millions of customers. */
function numbersBelow(limit: number): NumberTable | Map<number, number> {
  return limit > mostInArray ? new Map() : new NumberTable(limit);
}

/** Map from keys below a limit to numbers, stored in an array. */
class NumberTable {
  /** Number + 1 of each key; 0 for a key without a number. */
  readonly #numbers: Uint32Array;

  constructor(limit: number) {
    this.#numbers = new Uint32Array(limit);
  }

  get(key: number): number | undefined {
    const number = this.#numbers[key]!;
    return number === 0 ? undefined : number - 1;
  }

  set(key: number, number: number): void {
    this.#numbers[key] = number + 1;
  }
}
