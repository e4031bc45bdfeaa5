import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAheadLog } from '@basketwise/data';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from './bank.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

describe('the log beside a database file', () => {
  test('is none where there is none, and the file where there is one', async () => {
    const file = join(folder, 'bank.duckdb');
    expect(await writeAheadLog(file)).toEqual([]);
    await writeFile(`${file}.wal`, 'x');
    expect(await writeAheadLog(file)).toEqual([`${file}.wal`]);
  });

  test('is not taken for absent where it cannot be looked at', async () => {
    const log = join(folder, 'bank.duckdb.wal');
    await symlink(log, log);
    const expected = { code: 'bad-data', message: `${log} cannot be read: ELOOP` };
    await expect(writeAheadLog(join(folder, 'bank.duckdb'))).rejects.toMatchObject(expected);
  });
});
