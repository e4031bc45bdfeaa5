import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the tarball for machines without network, made once for all files. */
    tarball: string;
  }
}

/** Makes the tarball. */
export default function setup(project: TestProject): void {
  const script = fileURLToPath(new URL('../../scripts/airgap.mjs', import.meta.url));
  project.provide('tarball', execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim());
}
