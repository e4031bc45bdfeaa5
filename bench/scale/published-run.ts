import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type FileRecord, hashFile } from '@basketwise/data/base';

/** A finished run, byte for byte. */
export interface PublishedRun {
  run: string;
  /** sha256 of manifest.json, which holds nothing of when or where the run was made. */
  manifest: string;
  /** sha256 of each file that the manifest lists, of its bytes as they are now. */
  files: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): { text: string; files: FileRecord[] } {
  const text = readFileSync(join(folder, 'manifest.json'), 'utf8');
  return { text, files: (JSON.parse(text) as { files: FileRecord[] }).files };
}

/** Name of the run that `latest` points at; undefined where there is none. */
export function latestName(output: string): string | undefined {
  try {
    return basename(readlinkSync(join(output, 'latest')));
  } catch {
    return undefined;
  }
}

/** Reads all that `latest` points at. @throws Error where it is not there */
export async function readPublished(output: string): Promise<PublishedRun> {
  const folder = join(output, 'latest');
  const { text, files } = manifestOf(folder);
  const hashes: Record<string, string> = {};
  for (const { file, sha256 } of files) {
    hashes[file] = await hashFile(join(folder, file));
    if (hashes[file] !== sha256) throw new Error(`${file} is not what its manifest says`);
  }
  return { run: latestName(output)!, manifest: createHash('sha256').update(text).digest('hex'), files: hashes };
}

/** Names of what differs between two runs; none where they are equal to the last byte. */
export function differences(one: PublishedRun, other: PublishedRun): string[] {
  const names = [...new Set([...Object.keys(one.files), ...Object.keys(other.files)])];
  const files = names.filter((name) => one.files[name] !== other.files[name]);
  return [...(one.run === other.run ? [] : ['name']), ...(one.manifest === other.manifest ? [] : ['manifest.json']), ...files];
}

/** Whether `latest` points at a run of which every file is there in its full size. Cheap: it may be asked all the time. */
export function isLatestWhole(output: string): boolean {
  const run = latestName(output);
  if (run === undefined) return false;
  const folder = join(output, 'runs', run);
  if (!existsSync(join(folder, 'manifest.json'))) return false;
  return manifestOf(folder).files.every(
    ({ file, bytes }) => statSync(join(folder, file), { throwIfNoEntry: false })?.size === bytes,
  );
}
