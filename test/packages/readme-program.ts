import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The program that core's README shows: the TypeScript among its blocks of code, which is JavaScript too. */
export async function readmeProgram(): Promise<string> {
  const path = fileURLToPath(new URL('../../packages/core/README.md', import.meta.url));
  const blocks = [...(await readFile(path, 'utf8')).matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
  if (blocks.length !== 1) throw new Error(`${blocks.length} programs in core's README`);
  return blocks[0]![1]!;
}
