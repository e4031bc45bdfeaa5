import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The program that a package's README shows: the TypeScript among its blocks of code, which is JavaScript too. */
export async function readmeProgram(name: 'core' | 'recommend' = 'core'): Promise<string> {
  const path = fileURLToPath(new URL(`../../packages/${name}/README.md`, import.meta.url));
  const blocks = [...(await readFile(path, 'utf8')).matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
  if (blocks.length !== 1) throw new Error(`${blocks.length} programs in the README of ${name}`);
  return blocks[0]![1]!;
}
