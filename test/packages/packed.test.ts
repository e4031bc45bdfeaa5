import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readmeProgram } from './readme-program.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
/** Other versions of Node to run the installed package with: paths of their programs, parted by colons. */
const otherNodes = (process.env.OTHER_NODES ?? '').split(':').filter((path) => path !== '');

interface PackageFile {
  name: string;
  private?: boolean;
  peerDependencies?: Readonly<Record<string, string>>;
}
const packageOf = async (folderName: string): Promise<PackageFile> =>
  JSON.parse(await readFile(join(root, 'packages', folderName, 'package.json'), 'utf8'));
/** Name of a package in that of its tarball. */
const packedName = (name: string) => name.replace('@', '').replace('/', '-');

/** Address of the repository in this test: packing takes it where the program has none yet. */
const address = 'https://example.org/basketwise';

let folder: string;
let tarballs: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basketwise-packed-'));
  const { stdout } = await run(process.execPath, [join(root, 'scripts/pack.mjs'), join(folder, 'tarballs'), address]);
  tarballs = stdout.trim().split('\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the packages that are published', () => {
  test('are those that are not private', async () => {
    const names = tarballs.map((path) => basename(path).replace(/-\d+\.\d+\.\d+\.tgz$/, ''));
    const all = await Promise.all((await readdir(join(root, 'packages'))).map(packageOf));
    const published = all.filter((one) => one.private !== true);
    expect(names.sort()).toEqual(published.map(({ name }) => packedName(name)).sort());
    expect(names).toEqual(expect.arrayContaining(['basketwise', 'basketwise-core', 'basketwise-pipeline']));
  });

  test('bring the license, addresses and a README whose links resolve, and no build state', async () => {
    const license = await readFile(join(root, 'LICENSE'), 'utf8');
    for (const tarball of tarballs) {
      const { stdout } = await run('tar', ['-tzf', tarball]);
      const files = stdout.trim().split('\n');
      expect(files).toEqual(expect.arrayContaining(['package/README.md', 'package/LICENSE', 'package/package.json']));
      expect(files.filter((file) => file.endsWith('.tsbuildinfo'))).toEqual([]);
      const read = async (file: string) => (await run('tar', ['-xzOf', tarball, `package/${file}`])).stdout;
      expect(await read('LICENSE')).toBe(license);
      const { bugs, homepage, repository } = JSON.parse(await read('package.json'));
      expect([bugs, homepage, repository.url]).toEqual([`${address}/issues`, `${address}#readme`, `git+${address}.git`]);
      for (const [, path] of (await read('README.md')).matchAll(/\]\((?!#)([^)#]+)/g))
        expect(existsSync(join(root, path!.replace(`${address}/blob/v0.1.0/`, '')))).toBe(path!.startsWith(address));
    }
  });

  test('are clean to publint and to "are the types wrong"', async () => {
    const isUsed = (problem: Problem) => !('resolutionKind' in problem && /^node10$|-cjs$/.test(problem.resolutionKind));
    const faults: Record<string, unknown[]> = {};
    for (const tarball of tarballs) {
      const bytes = new Uint8Array(await readFile(tarball));
      const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
      const types = await checkPackage(createPackageFromTarballData(bytes));
      faults[basename(tarball)] = [
        ...messages.filter(({ type }) => type === 'error'),
        ...(types.types ? types.problems.filter(isUsed) : []),
      ];
    }
    expect(faults).toEqual(Object.fromEntries(tarballs.map((tarball) => [basename(tarball), []])));
  });
});

describe('core, installed into an empty folder', () => {
  let empty: string;
  beforeAll(async () => {
    empty = await mkdtemp(join(folder, 'empty-'));
    const core = tarballs.find((path) => basename(path).startsWith('basketwise-core'))!;
    await run('npm', ['init', '--yes'], { cwd: empty });
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', core], { cwd: empty });
    await writeFile(join(empty, 'program.mjs'), await readmeProgram());
  });

  test.each([process.execPath, ...otherNodes])('the README’s statements run (%s)', async (node) => {
    const { stdout } = await run(node, ['program.mjs'], { cwd: empty });
    expect(stdout).toMatch(/^credit card 0\.\d+ current account\nfund 0\.\d+ savings\n$/);
  });

  test.each(['nodenext', 'bundler'])(
    'they compile strictly (module resolution %s), and what is wrong in them does not',
    async (resolution) => {
      const tsc = require.resolve('typescript/bin/tsc');
      const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
      const options = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--target', 'es2022', '--ignoreConfig'];
      const program = await readmeProgram();
      const programs = {
        'right.mts': program,
        'unknown.mts': program.replace("kind: 'als'", "kind: 'alas'"),
        'mistyped.mts': program.replace('alpha: 10', 'alpha: true'),
      };
      for (const [name, text] of Object.entries(programs)) await writeFile(join(empty, name), text);
      const args = [tsc, ...options, '--module', module, '--moduleResolution', resolution, ...Object.keys(programs)];
      const said = await run(process.execPath, args, { cwd: empty }).catch(({ stdout }: { stdout: string }) => ({ stdout }));
      const faults = said.stdout.split(/\n(?=\S)/);
      const faultsOf = (name: string) => faults.filter((fault) => fault.startsWith(name)).join('\n');
      expect(faults.filter((fault) => !/^(unknown|mistyped)\.mts/.test(fault.trim()))).toEqual([]);
      expect(faultsOf('unknown.mts')).toContain('"alas"');
      expect(faultsOf('mistyped.mts')).toContain('TS2322');
    },
  );
});

describe('basketwise, installed into an empty folder', () => {
  let empty: string;
  const install = (isWanted: (name: string) => boolean) => {
    const wanted = tarballs.filter((path) => isWanted(basename(path)));
    return run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted], { cwd: empty });
  };
  let engines: string[];
  const isEngine = (name: string) => engines.some((engine) => name.startsWith(`${packedName(engine)}-`));
  const basketwise = (...args: readonly string[]) =>
    run(process.execPath, [join(empty, 'node_modules/basketwise/bin/basketwise.js'), ...args], { cwd: empty });
  beforeAll(async () => {
    engines = Object.keys((await packageOf('pipeline')).peerDependencies!);
    empty = await mkdtemp(join(folder, 'program-'));
    await run('npm', ['init', '--yes'], { cwd: empty });
    await install((name) => !isEngine(name));
  });

  test('it brings nothing that only servers need, and says how to add it', async () => {
    const { packages } = JSON.parse(await readFile(join(empty, 'package-lock.json'), 'utf8')) as { packages: object };
    const names = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ''));
    expect(names).toContain('@basketwise/pipeline');
    for (const name of [
      '@basketwise/hive',
      '@basketwise/postgres',
      'hive-driver',
      'thrift',
      'node-zookeeper-client',
      'kerberos',
      'pg',
    ])
      expect(names).not.toContain(name);
    await basketwise('sample', '--customers', '500');
    await expect(basketwise('init', '--hive', '127.0.0.1:1')).rejects.toMatchObject({
      code: 78,
      stderr: expect.stringContaining('npm install @basketwise/hive@'),
    });
  });

  test('engines are added beside it, and share its packages', async () => {
    await install(isEngine);
    const { packages } = JSON.parse(await readFile(join(empty, 'package-lock.json'), 'utf8')) as { packages: object };
    expect(Object.keys(packages).filter((path) => path.endsWith('@basketwise/core'))).toEqual(['node_modules/@basketwise/core']);
    await expect(basketwise('init', '--hive', '127.0.0.1:1')).rejects.toMatchObject({ code: 69 });
    await expect(basketwise('init', '--postgres', 'NO_SUCH')).rejects.toMatchObject({ code: 77 });
  });
});
