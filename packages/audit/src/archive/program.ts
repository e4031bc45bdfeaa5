import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelHash } from '@basketwise/core/parts';
import type { Config } from '@basketwise/pipeline';
import { programHash } from '@basketwise/pipeline/parts';
import { z } from 'zod';

/** File of an archive about the program that made the run. */
export const programFile = 'archive/program.json';

/** A program, in parts that can change the bytes of a run. */
export const programShape = z.strictObject({
  /** sha256 of its modules. */
  code: z.string(),
  /** First digits of the sha256 of the kernels. */
  kernels: z.string(),
  /** `name@version` of each package that it loads, sorted; null if the archive was written by another program. */
  packages: z.array(z.string()).nullable(),
});
export type Program = z.output<typeof programShape>;

/** This program, with the engines of a run. @param stages names of the stages of the run */
export async function thisProgram({ source }: Pick<Config, 'source'>, stages: readonly string[]): Promise<Program> {
  const targets = stages.flatMap((stage) => /^publish-(.+)$/.exec(stage)?.[1] ?? []);
  const output = Object.fromEntries(targets.map((target) => [target, {}]));
  const code = await programHash({ source, output }).catch(() => '');
  return { code, kernels: kernelHash, packages: installedPackages() };
}

/** The program that made a run: with packages if it is this one. */
export function programOf({ code, kernels }: { code: string; kernels: string }, current: Program): Program {
  return { code, kernels, packages: code === current.code ? current.packages : null };
}

/** All packages that this one depends on, as `name@version`, sorted. Those of one system only are omitted: they are optional. */
function installedPackages(): string[] {
  const found = new Set<string>();
  const visit = (folder: string) => {
    const { name, version, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;
    if (found.has(`${name}@${version}`)) return;
    found.add(`${name}@${version}`);
    for (const other of Object.keys(dependencies)) {
      const place = packageFolder(folder, other);
      if (place !== undefined) visit(place);
    }
  };
  visit(packageAround(dirname(fileURLToPath(import.meta.url))));
  return [...found].sort();
}

interface PackageFile {
  name: string;
  version: string;
  dependencies?: Readonly<Record<string, string>>;
}

function packageAround(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageAround(dirname(folder));
}

/** Folder of a package as Node finds it from another one's. */
function packageFolder(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return realpathSync(place);
    if (dirname(folder) === folder) return undefined;
  }
}
