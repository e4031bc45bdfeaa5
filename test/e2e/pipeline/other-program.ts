import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A copy of the built program that a test may change: its modules are below `packages`; `remove` removes it. */
export async function copyProgram(): Promise<{ program: string; packages: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-program-'));
  const packages = join(folder, 'node_modules', '@basketwise');
  await mkdir(packages, { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== '@basketwise')
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const name of await readdir(join(root, 'packages'))) {
    if (name === 'demo' || name === 'sample') continue;
    for (const part of ['package.json', 'dist', ...(name === 'cli' ? ['bin'] : [])])
      await cp(join(root, 'packages', name, part), join(packages, name, part), { recursive: true });
  }
  const remove = () => rm(folder, { recursive: true, force: true });
  return { program: join(packages, 'cli', 'bin', 'basketwise.js'), packages, remove };
}
