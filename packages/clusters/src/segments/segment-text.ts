import { countText, type PublishedCount, percentOf } from '@basketwise/data/published';
import { textTable } from '@basketwise/page';
import type { SegmentTable } from './segment-table.ts';

/** Tables of the segments as text, for the terminal. */
export function segmentText({ customers, segments, flagCounts, crossTables, drift }: SegmentTable): string {
  const parts = segments.map(({ name, labels }) => {
    const rows = labels.map((entry) => [entry.label, countText(entry.customers), shareOfAll(entry.customers, customers)]);
    return textTable([[name, 'customers', 'share'], ...rows]);
  });
  const flags = flagCounts.map(({ name, customers: held }) => {
    const rows = held.map((count, n) => [`${n} of ${held.length - 1}`, countText(count), shareOfAll(count, customers)]);
    return textTable([[`${name} held`, 'customers', 'share'], ...rows]);
  });
  const crossings = crossTables.map(({ name, rows, columns, customers: cells }) => {
    const head = [`${name}: ${rows.segment} \\ ${columns.segment}`, ...columns.labels];
    return textTable([head, ...rows.labels.map((label, r) => [label, ...cells[r]!.map(countText)])]);
  });
  const moved =
    drift.length === 0 ? [] : [textTable([['drift', 'PSI', ''], ...drift.map((d) => [d.name, d.psi.toFixed(4), d.verdict])])];
  return [...parts, ...flags, ...crossings, ...moved].join('\n');
}

function shareOfAll(customers: PublishedCount, all: PublishedCount): string {
  return customers === null || all === null ? '' : percentOf(customers, all);
}
