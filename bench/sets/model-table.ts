import type { ResultTable } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';

export const publicSets =
  'NDCG@5 of a config and `basketwise evaluate`, with its 95 % interval. The default model was built while looking at such sets. Sets without dates: five folds, one product of each customer held out.';

/** Model of an evaluation, as evaluation.json has it. */
export interface EvaluatedModel {
  name: string;
  metrics: Readonly<Record<string, number>>;
  interval?: { low: number; high: number } | null;
}

/** Table of the models of one campaign. */
export function modelTable(caption: string, models: readonly EvaluatedModel[]): ResultTable {
  const rows = models.map(({ name, metrics, interval }) => [
    ...[name === 'automatic' ? 'default' : name, fixed(metrics['ndcg@5']!, 4)],
    interval ? `${interval.low.toFixed(4)} .. ${interval.high.toFixed(4)}` : '',
    ...[fixed(metrics['hit rate@3']!, 4), fixed(metrics['hit rate@5']!, 4)],
  ]);
  return { caption, columns: ['model', 'NDCG@5', '95 %', 'HR@3', 'HR@5'], rows };
}
