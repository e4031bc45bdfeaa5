import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunReport } from '@basketwise/pipeline';
import { expect } from 'vitest';

/** Everything that a run made, by its manifest, which is without what names the run; and what its report counts of products. */
export async function made({ folder }: RunReport) {
  const read = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8'));
  const manifest = await read('manifest.json');
  for (const { file, bytes } of manifest.files) expect((await stat(join(folder, file))).size, file).toBe(bytes);
  const report = (await read('report.json').catch(() => null)) as { campaigns: { products: object[] }[] } | null;
  return { manifest, products: report?.campaigns.map(({ products }) => products) };
}
