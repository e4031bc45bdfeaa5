import { dirname, join } from 'node:path';
import { takeFiles } from '@basketwise/data/base';
import { checkedConfigOfRun, type Erasures, openSpill, sealOf, successfulRun, validationFile } from '@basketwise/pipeline';
import { type Archive, checkArchive, openArchive, textOf, unpackArchive } from './archive-file.ts';
import { checkPack } from './check-pack.ts';
import { checkRecords, checkRun } from './check-run.ts';
import { type GivenRun, isNeeded, makeAgain, type WorkOptions } from './make-again.ts';
import { programFile, programOf, programShape, thisProgram } from './program.ts';
import { differs, unfit } from './recorded-bytes.ts';
import { type ArchivedManifest, comparedFiles, jsonOf, parseRunManifest, previousPlace, previousRunFolder } from './run-files.ts';

import { type NotAgain, notTheSame, type Verification } from './verification.ts';

/** Options of a verification. */
export interface VerifyOptions extends WorkOptions {
  /** Whether only hashes are compared, and the run is not made again. */
  hashes: boolean;
}

/** Unpacks the files from which a run can be made again into a folder. Returns whether the files of the previous run are included. */
type Unpack = (folder: string) => Promise<boolean>;

/**
 * Compares the files of a successful run with its records, and with new files made from its snapshot.
 * @param run name of the run. Absent: the latest run
 * @throws AppError bad-data that names the first file that differs
 */
export async function verifyRun(output: string, run: string | undefined, options: VerifyOptions): Promise<Verification> {
  const name = await successfulRun(output, run);
  const place = join(output, 'runs', name);
  const { manifest, stages, files, others, erasures } = await checkRun(place);
  const hasPack = await checkPack(output, name, { replaced: false });
  const current = await thisProgram(manifest.config, [...stages.keys()]);
  const program = { made: programOf(manifest.inputs, current), current };
  const before = await previousRunFolder(output, stages);
  const unpack: Unpack = async (folder) => {
    await takeFiles(place, folder, manifest.files.map(({ file }) => file).filter(isNeeded));
    if (before !== undefined) await takeFiles(before, join(folder, previousPlace), comparedFiles);
    return before !== undefined;
  };
  const about = {
    ...{ place, run: name, seal: sealOf(manifest), ...erasedIn(erasures), program },
    ...{ files: files + Number(hasPack), hashes: 0, others: others.filter((file) => file !== validationFile) },
  };
  return verifyBytes(output, about, { manifest, stages }, unpack, { ...options, data: true });
}

/**
 * Compares the files of an archive with its list of hashes, and with new files made from the archived snapshot.
 * @throws AppError bad-data that names the first file that differs
 */
export async function verifyArchive(path: string, options: VerifyOptions): Promise<Verification> {
  const archive = await openArchive(path);
  try {
    await checkArchive(archive);
    const { list, entries } = archive;
    const { manifest, stages, program: made, others } = await readRun(archive);
    const current = await thisProgram(manifest.config, [...stages.keys()]);
    const unpack: Unpack = async (folder) => {
      await unpackArchive(archive, folder, isNeeded);
      return entries.some(({ file }) => file.startsWith(`${previousPlace}/`));
    };
    const about = {
      ...{ place: path, run: list.run, seal: sealOf(list), ...erasedIn(archive.erasures), program: { made, current } },
      ...{ files: entries.length, hashes: list.entries.length - entries.length, others },
    };
    const again = verifyBytes(dirname(path), about, { manifest, stages }, unpack, { ...options, data: list.data });
    return await again.catch((cause) => {
      throw unfit(path, cause);
    });
  } finally {
    await archive.close();
  }
}

/** Numbers of customers and files of erasures. */
function erasedIn(erasures: Erasures | undefined) {
  return { erased: erasures?.customers ?? 0, rewritten: erasures?.files.map(({ file }) => file) ?? [] };
}

/**
 * Reads the manifest, the stage records and the program description of an archive, and finds the files that none of them names.
 * @throws AppError bad-data if a hash differs
 */
async function readRun(archive: Archive) {
  const { path, list } = archive;
  const manifest = parseRunManifest((await textOf(archive, 'manifest.json')) ?? '', `${path}: manifest.json`);
  const listed = new Map(list.entries.map(({ file, sha256 }) => [file, sha256]));
  const unlisted = manifest.files.find(({ file, sha256 }) => listed.get(file) !== sha256);
  if (unlisted || manifest.run !== list.run) throw differs(path, unlisted?.file ?? 'manifest.json');
  const recorded = new Set(['manifest.json', programFile, ...comparedFiles.map((file) => `${previousPlace}/${file}`)]);
  const stages = new Map<string, string>();
  for (const { file } of archive.entries) {
    const name = /^stages\/([^/]+)\.json$/.exec(file)?.[1];
    if (name === undefined) continue;
    stages.set(name, (await textOf(archive, file))!);
    recorded.add(file);
  }
  for (const { file } of checkRecords(path, manifest, stages)) recorded.add(file);
  const program = programShape.safeParse(jsonOf((await textOf(archive, programFile)) ?? ''));
  if (!program.success) throw differs(path, programFile);
  const others = [...listed.keys()].filter((file) => !recorded.has(file));
  return { manifest, stages, program: program.data, others };
}

async function verifyBytes(
  beside: string,
  about: Omit<Verification, 'again' | 'notAgain'>,
  run: Pick<GivenRun, 'manifest' | 'stages'>,
  unpack: Unpack,
  options: VerifyOptions & { data: boolean },
): Promise<Verification> {
  const config = checkedConfigOfRun(run.manifest.config);
  const reason = notAgain(run.manifest, about, options);
  if (reason !== null || config === undefined) return { ...about, again: null, notAgain: reason ?? 'config' };
  const spill = await openSpill(beside);
  try {
    const folder = join(spill.path, 'given');
    const hasPrevious = await unpack(folder);
    const again = await makeAgain(join(spill.path, 'again'), { ...run, config, folder, hasPrevious }, options);
    const verification: Verification = { ...about, again, notAgain: null };
    if (again.different !== null) throw notTheSame(verification, again.different);
    return verification;
  } finally {
    await spill.close();
  }
}

function notAgain(
  { extract }: ArchivedManifest,
  { rewritten }: Pick<Verification, 'rewritten'>,
  { hashes, data }: { hashes: boolean; data: boolean },
): NotAgain | null {
  if (hashes) return 'asked';
  if (extract.inHive) return 'pushdown';
  if (!data) return 'data';
  return rewritten.length > 0 ? 'erased' : null;
}
