import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Exit code and output of the check on modules planted in an empty folder. */
async function check(modules: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'floors-'));
  folders.push(folder);
  for (const [file, text] of Object.entries(modules)) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  return promisify(execFile)(process.execPath, [program, '--config', config, 'packages'], { cwd: folder }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, output: error.stdout }),
  );
}

const below = 'packages/pipeline/src/config/below.ts';
const above = 'packages/pipeline/src/stages/above.ts';

test('an import that runs up fails, of a type alone too', async () => {
  for (const kind of ['import { Two }', 'import type { Two }']) {
    const { code, output } = await check({
      [below]: `${kind} from '../stages/above.ts';\nexport type One = Two;\n`,
      [above]: 'export class Two {}\n',
    });
    expect(code).toBeGreaterThan(0);
    expect(output).toContain(`pipeline-config-imports-up: ${below} → ${above}`);
  }
});

test('a package that uses one above it fails', async () => {
  const core = 'packages/core/src/error.ts';
  const { code, output } = await check({
    [core]: "import { one } from '../../pipeline/src/config/below.ts';\nexport const two = one;\n",
    [below]: 'export const one = 1;\n',
  });
  expect(code).toBeGreaterThan(0);
  expect(output).toContain(`core-uses-too-much: ${core} → ${below}`);
});

test('every room has its floor', async () => {
  const config: unknown = await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href);
  const { floors } = config as { floors: Record<string, string[][]> };
  for (const [name, storeys] of Object.entries(floors)) {
    const entries = await readdir(join(root, 'packages', name, 'src'), { withFileTypes: true });
    const rooms = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const known = storeys.flat().flatMap((room) => room.replace(/[()]/g, '').split('|'));
    expect(new Set(known), name).toEqual(new Set([...known, ...rooms]));
  }
});
