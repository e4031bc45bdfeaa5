import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelHash } from '@basketwise/core';
import { type Config, programHash } from '@basketwise/pipeline';
import { z } from 'zod';

/** File in an archive that describes the program that made the run. */
export const programFile = 'archive/program.json';

/** Versions of the parts of a program that can change the bytes of a run. */
export const programShape = z.strictObject({
  /** sha256 over the modules of the program. */
  code: z.string(),
  /** First hexadecimal digits of the sha256 of the wasm kernels. */
  kernels: z.string(),
  /** `name@version` of each package that the program depends on, sorted; null if a different program wrote the archive. */
  packages: z.array(z.string()).nullable(),
});
export type Program = z.output<typeof programShape>;

/** Description of the running program, with the engines that a run needs. @param stages names of the run's stages */
export async function thisProgram(config: Partial<Config>, stages: readonly string[]): Promise<Program> {
  const targets = stages.flatMap((stage) => /^publish-(.+)$/.exec(stage)?.[1] ?? []);
  const output = Object.fromEntries(targets.map((target) => [target, {}]));
  const engine = config.source?.engine ?? 'duckdb';
  const code = await programHash({ source: { engine }, output }).catch(() => '');
  return { code, kernels: kernelHash, packages: installedPackages() };
}

/** Description of the program that made a run. Its packages are known only if it is the running program. */
export function programOf({ code, kernels }: { code: string; kernels: string }, current: Program): Program {
  return { code, kernels, packages: code === current.code ? current.packages : null };
}

/** All packages on which this one depends, as sorted `name@version`. Optional packages are omitted, because they differ by system. */
function installedPackages(): string[] {
  const packages = new Set<string>();
  const visit = (folder: string) => {
    const { name, version, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;
    if (packages.has(`${name}@${version}`)) return;
    packages.add(`${name}@${version}`);
    for (const dependency of Object.keys(dependencies)) {
      const place = packageFolder(folder, dependency);
      if (place !== undefined) visit(place);
    }
  };
  visit(packageAround(dirname(fileURLToPath(import.meta.url))));
  return [...packages].sort();
}

interface PackageFile {
  name: string;
  version: string;
  dependencies?: Readonly<Record<string, string>>;
}

function packageAround(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageAround(dirname(folder));
}

/** Folder of package `name` as Node.js resolves it from folder `from`; undefined if it is not installed. */
function packageFolder(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return realpathSync(place);
    if (dirname(folder) === folder) return undefined;
  }
}
