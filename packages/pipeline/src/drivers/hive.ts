import { HiveEngine, hiveDialect } from '@basketwise/data';
import { defineDriver } from './driver.ts';
import { hiveDataset, hiveSettings, hive as options, serverAt } from './hive-settings.ts';
import { checkServer } from './server-check.ts';
import { serverSource } from './server-source.ts';

/** HiveServer2; with pushdown customers stay there. */
export const hive = defineDriver({
  engine: 'hive',
  dialect: hiveDialect,
  keys: { hive: options.optional() },
  secrets: [['hive', 'session', '*']],
  problems({ hive }, chosen) {
    if (chosen && !hive) return [{ path: ['engine'], message: '`engine: hive` needs `hive: { host, ... }`' }];
    if (!chosen && hive?.pushdown) return [{ path: ['hive', 'pushdown'], message: 'pushdown needs `engine: hive`' }];
    return [];
  },
  open: ({ source, path, workbench }) => serverSource(new HiveEngine(hiveSettings(source, path)), workbench),
  /** Which tables are meant: names alone are those of every server. */
  identity: ({ hive }) =>
    hive ? { host: hive.host, port: hive.port, database: hive.database, ...(hive.pushdown && { pushdown: true }) } : {},
  readsFiles: false,
  dataset: ({ source }, from) => hiveDataset('hive', source, from),
  check({ source, path }, request, signal) {
    const settings = hiveSettings(source, path);
    const server = { name: `Hive at ${settings.host}:${settings.port}`, user: settings.user };
    return checkServer(new HiveEngine(settings), server, request, signal);
  },
  sourceAt: (address, access) => ({ hive: serverAt(address, access) }),
  pushdown: ({ hive }) => hive?.pushdown === true,
  workTables: ({ hive }) => hive?.work_tables,
});
