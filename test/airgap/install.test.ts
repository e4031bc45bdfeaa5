import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { keepTalkOf } from '../privacy/talk.ts';

const run = promisify(execFile);
const tarball = inject('tarball');
/** Runs what follows in a namespace of its own, where the only network is a loopback that is down. */
const isolated = ['unshare', '--map-root-user', '--net'] as const;
const mayUnshare = spawnSync(isolated[0], [...isolated.slice(1), 'true']).status === 0;

let machine: string;
beforeAll(async () => {
  machine = await mkdtemp(join(tmpdir(), 'basketwise-airgap-'));
  await mkdir(join(machine, 'home'));
});
afterAll(async () => {
  keepTalkOf(machine);
  await rm(machine, { recursive: true, force: true });
});

/** Runs a command on the machine without network: an empty home, no npm cache. */
const onMachine = (...command: readonly string[]) =>
  run(isolated[0], [...isolated.slice(1), ...command], {
    cwd: machine,
    env: { PATH: process.env.PATH, HOME: join(machine, 'home') },
    maxBuffer: 1 << 24,
  });

test.skipIf(!mayUnshare)(
  'without network (needs unshare): the tarball installs, the doctor finds nothing, the sample runs',
  async () => {
    await expect(onMachine(process.execPath, '-e', "await fetch('http://192.0.2.1')")).rejects.toThrow('fetch failed');
    await onMachine('npm', 'install', '--offline', '--no-audit', '--no-fund', '--prefix', machine, tarball);
    const program = join(machine, 'node_modules', '.bin', 'basketwise');
    const { stdout } = await onMachine(program, 'sample', '--customers', '500', '--json');
    const { run: name } = JSON.parse(stdout) as { run: string };
    const folder = join(machine, 'sample', 'out', 'runs', name);
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({ status: 'finished', exitCode: 0 });
    expect(existsSync(join(folder, 'recommendations.parquet'))).toBe(true);
    const doctor = await onMachine(program, 'doctor', '--json', '--config', join(machine, 'sample', 'basketwise.yaml'));
    expect(JSON.parse(doctor.stdout)).toMatchObject({ exitCode: 0 });
    await expect(onMachine(program, 'init', '--postgres', 'BANK_URL')).rejects.toThrow(
      'the environment variable that it names is not set',
    );
  },
);

/** package.json of every package below a folder. */
function packageFiles(folder: string): string[] {
  const isPackage = /(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/;
  return (readdirSync(folder, { recursive: true }) as string[]).filter((path) => isPackage.test(path));
}

/** The tarball's package, unpacked. */
async function unpack(): Promise<string> {
  const folder = await mkdtemp(join(machine, 'unpacked-'));
  await run('tar', ['-xzf', tarball, '-C', folder]);
  return join(folder, 'package');
}

test('a package with a damaged, a missing or another file is refused by its installation, which says which', async () => {
  const folder = await unpack();
  const verify = () => run(process.execPath, [join(folder, 'verify-package.mjs')]);
  await verify();
  await run('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], { cwd: folder });
  const licence = join(folder, 'node_modules/zod/LICENSE');
  const text = readFileSync(licence);
  await rm(licence);
  await expect(verify()).rejects.toThrow('node_modules/zod/LICENSE is missing');
  await writeFile(licence, text);
  const more = join(folder, 'node_modules/zod/more.js');
  await writeFile(more, '');
  await expect(verify()).rejects.toThrow('node_modules/zod/more.js was not packed');
  await rm(more);
  const damaged = 'node_modules/@basketwise/core/package.json';
  await appendFile(join(folder, damaged), ' ');
  // npm installs nothing whose `preinstall` fails
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  expect(scripts).toMatchObject({ preinstall: 'node verify-package.mjs' });
  await expect(verify()).rejects.toThrow(`${damaged} is damaged`);
});

test("the tarball's checksum stands beside it, its bill of materials inside: every package in it, with licence and hash", async () => {
  const [sum, name] = readFileSync(`${tarball}.sha256`, 'utf8').trim().split('  ');
  expect(name).toBe(basename(tarball));
  expect(sum).toBe(createHash('sha256').update(readFileSync(tarball)).digest('hex'));
  const folder = await unpack();
  const bill = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as {
    bomFormat: string;
    components: { purl: string; licenses: unknown[]; hashes?: unknown[] }[];
  };
  expect(bill.bomFormat).toBe('CycloneDX');
  const listed = new Set(bill.components.map(({ purl }) => decodeURIComponent(purl)));
  const packages = packageFiles(folder).map((path) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, path), 'utf8')) as { name: string; version: string };
    return `pkg:npm/${name}@${version}`;
  });
  expect(packages.length).toBeGreaterThan(100);
  expect(packages.filter((purl) => !listed.has(purl))).toEqual([]);
  expect(bill.components.filter(({ licenses }) => licenses.length === 0)).toEqual([]);
  const own = ({ purl }: { purl: string }) => purl.startsWith('pkg:npm/%40basketwise/');
  expect(bill.components.filter((component) => !own(component) && !component.hashes?.length)).toEqual([]);
});
