import { queryRows, type Snapshot } from '@basketwise/data';
import type { ScoredWindow } from '@basketwise/insight/parts';
import type { ProtectedColumn } from '@basketwise/pipeline/parts';
import type { ClusterOfCustomers, CustomerContexts } from '@basketwise/recommend';

/** A property of customers by which figures are reported. */
export interface Dimension {
  kind: 'history' | 'products held' | 'feature' | 'cluster' | 'protected';
  /** `history`, `products held`, `feature NAME`, `cluster NAME` or `protected NAME`. */
  by: string;
  labels: readonly string[];
  /** Position of the label of each customer; -1 for none. */
  codes: Int16Array;
}

/** Most groups of a protected column; the rarer values are one group. */
const mostGroups = 20;
/** Label of the rarer values of a protected column. */
export const otherValues = 'other values';
const missingValue = 'missing';

/** Products held: none, 1, 2, 3, or more. */
const heldLabels = ['none', '1', '2', '3', '4 and more'];

/** Dimensions of a window's customers, apart from protected columns. */
export function dimensionsOf({ bank, groups }: Pick<ScoredWindow, 'bank' | 'groups'>): Dimension[] {
  const { csr, customers, contexts } = bank;
  const start = csr.memory.u32(csr.start, customers + 1);
  const held = Int16Array.from({ length: customers }, (_, i) => Math.min(4, start[i + 1]! - start[i]!));
  return [
    { kind: 'history', by: 'history', labels: ['none', 'some'], codes: held.map((count) => Math.min(1, count)) },
    { kind: 'products held', by: 'products held', labels: heldLabels, codes: held },
    ...(contexts ? featureDimensions(contexts, customers) : []),
    ...asOfWindow(groups).map(([scheme, { clusters, count }]) => ({
      kind: 'cluster' as const,
      by: `cluster ${scheme}`,
      labels: Array.from({ length: count }, (_, cluster) => String(cluster)),
      codes: clusters,
    })),
  ];
}

/** Clusters as of the window's date: those of today's columns may depend on later purchases. */
function asOfWindow({ clusters, asOf }: ScoredWindow['groups']): [string, ClusterOfCustomers][] {
  return [...clusters].filter(([scheme]) => asOf.has(scheme));
}

/** Features by the levels that the models rank by. */
export function featureDimensions({ features, codes, ofCustomer }: CustomerContexts, customers: number): Dimension[] {
  const width = features.length;
  return features.map(({ name, levels }, f) => ({
    kind: 'feature',
    by: `feature ${name}`,
    labels: levels,
    codes: Int16Array.from({ length: customers }, (_, customer) => codes[ofCustomer[customer]! * width + f]!),
  }));
}

/** A protected column as a label, in SQL over the customers of a snapshot. */
export function labelSql({ dialect }: Snapshot['engine'], { column, bands }: ProtectedColumn): string {
  const value = dialect.identifier(column);
  const missingIf = (one: string) => `WHEN ${one} IS NULL THEN ${dialect.text(missingValue)}`;
  if (bands === null) return `CASE ${missingIf(value)} ELSE CAST(${value} AS VARCHAR) END`;
  const number = dialect.asNumber(value);
  const cases = bands.map((bound, i) => {
    const label = i === 0 ? `below ${bound}` : `${bands[i - 1]} to below ${bound}`;
    return `WHEN ${number} < ${bound} THEN ${dialect.text(label)}`;
  });
  return `CASE ${missingIf(number)} ${cases.join(' ')} ELSE ${dialect.text(`${bands.at(-1)} and above`)} END`;
}

/** Labels of a protected column in a snapshot, the most frequent first, with rarer ones as one. Null if the snapshot lacks the column. */
export async function protectedLabels(
  { engine, manifest }: Snapshot,
  column: ProtectedColumn,
): Promise<{ label: string; customers: number }[] | null> {
  if (!manifest.columns.some(({ name }) => name.toLowerCase() === column.column.toLowerCase())) return null;
  const sql = `SELECT ${labelSql(engine, column)} AS label, count(*) AS n FROM customers GROUP BY 1 ORDER BY 2 DESC, 1`;
  const rows = await queryRows(engine, sql, { place: 'validation.protected' });
  const groups = rows.map(({ label, n }) => ({ label: String(label), customers: Number(n) }));
  if (groups.length <= mostGroups) return groups;
  const rare = groups.slice(mostGroups - 1).reduce((sum, { customers }) => sum + customers, 0);
  return [...groups.slice(0, mostGroups - 1), { label: otherValues, customers: rare }];
}

/** Name of a protected column as a dimension. */
export function protectedName(column: string): string {
  return `protected ${column}`;
}

/** Whether a dimension's name is that of a protected column. */
export function isProtectedName(by: string): boolean {
  return by.startsWith(protectedName(''));
}

/** A protected column as a dimension; null if the snapshot lacks it. */
export async function protectedDimension(snapshot: Snapshot, column: ProtectedColumn): Promise<Dimension | null> {
  const found = await protectedLabels(snapshot, column);
  if (found === null) return null;
  const labels = found.map(({ label }) => label);
  const codeOf = new Map(labels.map((label, code) => [label, code]));
  const codes = new Int16Array(snapshot.customerCount);
  const sql = `SELECT customer, ${labelSql(snapshot.engine, column)} AS label FROM customers`;
  for await (const { rows, columns } of snapshot.engine.query(sql, { place: 'validation.protected' })) {
    const [customer, label] = [columns.customer as Int32Array, columns.label!];
    for (let i = 0; i < rows; i++) codes[customer[i]!] = codeOf.get(String(label[i])) ?? labels.length - 1;
  }
  return { kind: 'protected', by: protectedName(column.column), labels, codes };
}
