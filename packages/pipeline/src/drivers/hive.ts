import { hiveDialect } from '@basketwise/data/base';
import { defineDriver } from './driver.ts';
import { hiveDataset, hiveOptions as options, serverAt, serverProblems, whichServer } from './hive-settings.ts';

/** Driver of HiveServer2. With pushdown, customers and holdings stay on the server. */
export const hive = defineDriver({
  engine: 'hive',
  package: '@basketwise/hive',
  dialect: hiveDialect,
  keys: { hive: options.optional().describe('HiveServer2 (docs/hive.md#set-up).') },
  secrets: [['hive', 'session', '*']],
  problems(source, chosen) {
    const { hive } = source;
    if (chosen && !hive) return [{ path: ['engine'], message: '`engine: hive` needs `hive: { host, ... }`' }];
    if (!chosen && hive?.pushdown) return [{ path: ['hive', 'pushdown'], message: 'pushdown needs `engine: hive`' }];
    return serverProblems('hive', source);
  },
  /** Server and database are part of the identity, because servers can have tables of the same names. */
  identity: ({ hive }) =>
    hive ? { ...whichServer(hive), database: hive.database, ...(hive.pushdown && { pushdown: true }) } : {},
  readsFiles: false,
  dataset: ({ source }, from) => hiveDataset('hive', source, from),
  sourceAt: (address, access) => ({ hive: serverAt(address, access) }),
  pushdown: ({ hive }) => hive?.pushdown === true,
  workTables: ({ hive }) => hive?.work_tables,
});
