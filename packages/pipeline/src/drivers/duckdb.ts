import { duckdbDialect, openDuckdb } from '@basketwise/data';
import { z } from 'zod';
import { text } from '../values/schemas.ts';
import { defineDriver } from './driver.ts';

/** Files and DuckDB databases, read by the embedded engine. */
export const duckdb = defineDriver({
  engine: 'duckdb',
  dialect: duckdbDialect,
  keys: { path: text.default('./data'), encoding: z.enum(['utf-8', 'cp949']).default('utf-8') },
  async open({ source, path, workbench }) {
    const engine = await openDuckdb({
      ...{ ...workbench, path: path(source.path) },
      ...{ encoding: source.encoding, timeZone: source.time_zone },
    });
    return { engine, workbench: engine, close: () => engine.close() };
  },
  /** Not the path: the same files elsewhere are the same input. */
  identity: ({ encoding }) => ({ encoding }),
  readsFiles: true,
});
