export type { ColumnBatch, ColumnValues, Engine, StatementOptions } from './engine.ts';
