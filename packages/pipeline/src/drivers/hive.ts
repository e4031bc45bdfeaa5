import { hiveDialect } from '@basketwise/data/base';
import { defineDriver } from './driver.ts';
import {
  describeServer,
  hiveDataset,
  hiveSettings,
  hiveOptions as options,
  serverAt,
  serverProblems,
  whichServer,
} from './hive-settings.ts';
import { checkServer } from './server-check.ts';
import { serverSource } from './server-source.ts';

/** HiveServer2; with pushdown customers stay on it. */
export const hive = defineDriver({
  engine: 'hive',
  dialect: hiveDialect,
  keys: { hive: options.optional().describe('HiveServer2 (docs/hive.md#set-up).') },
  secrets: [['hive', 'session', '*']],
  problems(source, chosen) {
    const { hive } = source;
    if (chosen && !hive) return [{ path: ['engine'], message: '`engine: hive` needs `hive: { host, ... }`' }];
    if (!chosen && hive?.pushdown) return [{ path: ['hive', 'pushdown'], message: 'pushdown needs `engine: hive`' }];
    return serverProblems('hive', source);
  },
  async open({ source, path, workbench }) {
    const { HiveEngine } = await import('@basketwise/data');
    return serverSource(new HiveEngine(hiveSettings(source, path)), workbench);
  },
  /** Identity of the tables: names alone would be the same on every server. */
  identity: ({ hive }) =>
    hive ? { ...whichServer(hive), database: hive.database, ...(hive.pushdown && { pushdown: true }) } : {},
  readsFiles: false,
  dataset: ({ source }, from) => hiveDataset('hive', source, from),
  async *check({ source, path }, request, signal) {
    const settings = hiveSettings(source, path);
    const { HiveEngine } = await import('@basketwise/data');
    yield* checkServer(new HiveEngine(settings), describeServer(settings), request, signal);
  },
  sourceAt: (address, access) => ({ hive: serverAt(address, access) }),
  pushdown: ({ hive }) => hive?.pushdown === true,
  workTables: ({ hive }) => hive?.work_tables,
});
