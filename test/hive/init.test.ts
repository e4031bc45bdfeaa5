import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kundenBank, partyBank, type Tables, writeTables } from '../e2e/cli/strange-banks.ts';
import { basketwise } from './fixtures/command.ts';
import { useDatabase } from './fixtures/database.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { loadTable } from './fixtures/load.ts';

const missing = whyNoServer();
const database = 'bw_init';
const banks: readonly [string, () => Tables][] = [
  ['kunden', kundenBank],
  ['party', partyBank],
];

describe.skipIf(missing)(`a config for tables of HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useDatabase(database);

  it.each(banks)(
    'of the %s bank finds what it finds in files, and the run makes the same lists of it with nothing edited',
    async (name, tables) => {
      const bank = await writeTables(tables());
      const files = readdirSync(join(bank.folder, 'data'));
      const names = files.map((file) => file.replace(/\..*/, ''));
      for (const [i, file] of files.entries()) {
        const sql = `SELECT * FROM '${join(bank.folder, 'data', file)}'`;
        await loadTable(bench.duckdb, bench.hive, names[i]!, sql, join(bench.folder, 'loaded'));
      }
      const configs = ['files', 'server'].map((where) => join(bank.folder, where, 'basketwise.yaml')) as [string, string];
      for (const config of configs) mkdirSync(dirname(config));
      const { host, port } = bench.server;
      const found = [
        await basketwise('init', join(bank.folder, 'data'), '--out', configs[0], '--json'),
        await basketwise(
          'init',
          '--hive',
          `${host}:${port}/${database}`,
          '--tables',
          names.join(),
          '--out',
          configs[1],
          '--json',
        ),
      ];
      expect(found.map(({ code }) => code)).toEqual([0, 0]);
      const [ofFiles, ofServer] = found.map(({ stdout }) => JSON.parse(stdout.replaceAll(/\.(csv|parquet)\b/g, '')));
      for (const key of ['customers', 'products', 'holdings', 'referenceDate'])
        expect([name, key, ofServer[key]]).toEqual([name, key, ofFiles[key]]);
      const lists: string[] = [];
      for (const config of configs) {
        const { code, stderr } = await basketwise('run', '-c', config);
        expect([config, code, code === 0 ? '' : stderr]).toEqual([config, 0, '']);
        lists.push(readFileSync(join(dirname(config), 'out/latest/recommendations.csv'), 'utf8'));
      }
      expect(lists[0]!.split('\n').length).toBeGreaterThan(100);
      expect(lists[1] === lists[0]).toBe(true);
      await bank.remove();
    },
    300_000,
  );
});
