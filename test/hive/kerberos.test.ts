import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hiveDialect, openDuckdb } from '@basketwise/data';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepTalkOf } from '../privacy/talk.ts';
import { basketwise, basketwiseIn, doctorIn } from './fixtures/command.ts';
import { type HiveServer, onPath, startServer, whyNoServer } from './fixtures/hive-server.ts';
import { type Kdc, realm, startKdc, whyNoKdc } from './fixtures/kdc.ts';
import { kerberosPackage, whyNoKerberosPackage } from './fixtures/kerberos-package.ts';
import { loadTable } from './fixtures/load.ts';
import { briefSample, sampleOnServer } from './fixtures/sample-on-server.ts';
import { settingsFor } from './fixtures/settings.ts';

const missing =
  process.env.BASKETWISE_HIVE === undefined
    ? (whyNoServer() ?? whyNoKdc() ?? whyNoKerberosPackage() ?? (onPath('faketime') ? undefined : 'no faketime'))
    : 'it needs a server with Kerberos';

describe.skipIf(missing)(`HiveServer2 with Kerberos${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-hive-kerberos-'));
  let kdc: Kdc;
  let server: HiveServer;
  let modules: string;
  let ticket: string;

  /** The environment of a batch with a cache of tickets. */
  const batch = (cache: string, config = kdc.config) => ({ NODE_PATH: modules, KRB5_CONFIG: config, KRB5CCNAME: cache });

  const configOf = (name: string, keys = ''): string => {
    const hive = `hive: { host: localhost, port: ${server.port}, auth: kerberos${keys} }`;
    const file = join(folder, `${name}.yaml`);
    const text = sampleOnServer(`engine: hive\n  ${hive}`, { model: 'als', path: './data', output: `./${name}` });
    writeFileSync(file, briefSample(text));
    return file;
  };

  const sortedCsv = (name: string): string => {
    const [run] = readdirSync(join(folder, name, 'runs'));
    return readFileSync(join(folder, name, 'runs', run!, 'recommendations.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .sort()
      .join('\n');
  };

  beforeAll(async () => {
    modules = kerberosPackage();
    kdc = await startKdc(['hive/localhost', 'host/other', 'batch']);
    const kerberos = { principal: `hive/localhost@${realm}`, keytab: kdc.keytab, config: kdc.config };
    server = await startServer({ auth: 'KERBEROS', transport: 'all', kerberos });
    ticket = kdc.ticket('batch');
    await generateBank({ folder: join(folder, 'data'), customers: 2_000, seed: 1 });
    const duckdb = await openDuckdb({ memory: '500MB', threads: 2, tempDirectory: join(folder, 'spill'), path: folder });
    const statements: string[] = [];
    const hive = { dialect: hiveDialect, run: async (sql: string) => void statements.push(sql) };
    for (const table of ['customers', 'products', 'holdings']) {
      const file = join(folder, 'data', `${table}.parquet`);
      await loadTable(duckdb, hive, table, `SELECT * FROM read_parquet('${file}')`, join(folder, 'loaded'));
    }
    await duckdb.close();
    const settings = settingsFor({ host: 'localhost', port: server.port }, { auth: 'kerberos' });
    const script = join(import.meta.dirname, 'fixtures/statements.mjs');
    const env = { ...process.env, ...batch(ticket) };
    execFileSync(process.execPath, [script, JSON.stringify(settings), JSON.stringify(statements)], { env });
  });
  afterAll(async () => {
    await server?.stop();
    await kdc?.stop();
    keepTalkOf(folder);
    rmSync(folder, { recursive: true });
  });

  it('the whole job by a ticket: what files give, byte for byte', async () => {
    writeFileSync(join(folder, 'files.yaml'), briefSample(sampleConfig({ model: 'als', path: './data', output: './files' })));
    expect(await basketwise('run', '-c', join(folder, 'files.yaml'))).toMatchObject({ code: 0 });
    const config = configOf('job', `, principal: hive/_HOST@${realm}`);
    const run = await basketwiseIn(batch(ticket), 'run', '-c', config);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(sortedCsv('job') === sortedCsv('files')).toBe(true);
  });

  it('is let in over HTTP', async () => {
    const config = configOf('http', ', transport: http');
    const text = readFileSync(config, 'utf8').replace(`port: ${server.port}`, `port: ${server.httpPort}`);
    // names that are not there: the doctor would count rows
    writeFileSync(config, text.replaceAll(/from: (customers|products|holdings)/g, 'from: no_$1'));
    const looked = await doctorIn(batch(ticket), config);
    expect(looked.stdout).toMatch(/reachable, logged in by Kerberos;/);
    expect(looked.code).toBe(66);
  });

  it('without the package: 78, and how to install it', async () => {
    const looked = await doctorIn({ ...batch(ticket), NODE_PATH: '' }, configOf('no-package'));
    expect(looked.code).toBe(78);
    expect(looked.stdout).toContain('needs the package kerberos, which is not installed');
    expect(looked.stdout).toContain('npm install kerberos@7');
  });

  it.each([
    { what: 'no ticket', cache: async () => join(folder, 'nowhere'), says: 'there is no ticket (hive/localhost)' },
    {
      what: 'an expired ticket',
      cache: async () => {
        const short = kdc.ticket('batch', ['-l', '1s']);
        await sleep(2_100);
        return short;
      },
      says: 'the ticket has expired (hive/localhost)',
    },
    {
      what: 'a principal that the KDC does not know',
      keys: ', principal: hive/elsewhere',
      says: 'the KDC does not know the service (hive/elsewhere)',
    },
    { what: 'a principal that is not the server', keys: ', principal: host/other', says: 'refuses the ticket: ' },
    { what: "another's ticket", keys: ', user: somebody', says: 'there is no ticket (hive/localhost)' },
    {
      what: 'a realm that it is not of',
      keys: ', principal: hive/_HOST@OTHER.EXAMPLE',
      code: 78,
      says: 'of another realm than OTHER.EXAMPLE',
    },
  ])('$what: 77, and says so', async ({ what, cache = async () => ticket, keys = '', code = 77, says }) => {
    const looked = await doctorIn(batch(await cache()), configOf(what.replaceAll(/\W/g, '-'), keys));
    expect(looked.stdout).toContain(says);
    expect(looked.code).toBe(code);
  });

  describe('a KDC whose clock is 20 minutes fast', () => {
    let fast: string;
    beforeAll(async () => {
      fast = await kdc.fast();
    });

    it('does not believe this machine: 77, and says so', async () => {
      const looked = await doctorIn(batch(kdc.ticket('batch'), fast), configOf('fast'));
      expect(looked.stdout).toContain('the clocks of this machine and of the KDC differ');
      expect(looked.code).toBe(77);
    });

    it('gives tickets that the server does not believe: 77, and names the clocks', async () => {
      const cache = kdc.ticket('batch', [], fast);
      const looked = await doctorIn(batch(cache, fast), configOf('server-clock'));
      expect(looked.stdout).toMatch(/refuses the ticket: .*clock/s);
      expect(looked.code).toBe(77);
    });
  });
});
