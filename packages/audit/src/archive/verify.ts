import { dirname, join } from 'node:path';
import { sealOf, validationFile } from '@basketwise/pipeline/base';
import { openSpill, successfulRun, takeFiles } from '@basketwise/pipeline/parts';
import { type Archive, checkArchive, openArchive, textOf, unpackArchive } from './archive-file.ts';
import { checkPack } from './check-pack.ts';
import { checkRun } from './check-run.ts';
import { differs } from './differs.ts';
import { type GivenRun, isNeeded, makeAgain, type WorkOptions } from './make-again.ts';
import { type Program, programFile, programOf, programShape, thisProgram } from './program.ts';
import { comparedFiles, previousPlace, previousRunFolder } from './run-files.ts';
import { type ArchivedManifest, parseRunManifest } from './run-manifest.ts';
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
  const { manifest, stages, files, others, erased } = await checkRun(place);
  const hasPack = await checkPack(output, name, { replaced: false });
  const current = await thisProgram(manifest.config, [...stages.keys()]);
  const program = { made: programOf(manifest.inputs, current), current };
  const before = await previousRunFolder(output, stages);
  const unpack: Unpack = async (folder) => {
    await takeFiles(place, folder, manifest.files.map(({ file }) => file).filter(isNeeded));
    if (before !== undefined) await takeFiles(before, join(folder, previousPlace), comparedFiles);
    return before !== undefined;
  };
  const found = {
    ...{ place, run: name, seal: sealOf(manifest), erased, program },
    ...{ files: files + Number(hasPack), hashes: 0, others: others.filter((file) => file !== validationFile) },
  };
  return verifyBytes(output, found, { manifest, stages }, unpack, notAgain(manifest, { data: true, erased }, options), options);
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
    const erased = archive.erasures?.customers ?? 0;
    const { manifest, stages, program: made } = await readRun(archive);
    const current = await thisProgram(manifest.config, [...stages.keys()]);
    const hashes = list.entries.length - entries.length;
    const found = { place: path, run: list.run, seal: sealOf(list), files: entries.length, hashes, others: [], erased };
    const unpack: Unpack = async (folder) => {
      await unpackArchive(archive, folder, isNeeded);
      return entries.some(({ file }) => file.startsWith(`${previousPlace}/`));
    };
    const about = { ...found, program: { made, current } };
    return await verifyBytes(
      dirname(path),
      about,
      { manifest, stages },
      unpack,
      notAgain(manifest, { data: list.data, erased }, options),
      options,
    );
  } finally {
    await archive.close();
  }
}

/** Reads the manifest, the stage records and the program description of an archive. @throws AppError bad-data if a hash differs */
async function readRun(archive: Archive): Promise<Pick<GivenRun, 'manifest' | 'stages'> & { program: Program }> {
  const { path, list } = archive;
  const manifest = parseRunManifest((await textOf(archive, 'manifest.json')) ?? '', `${path}: manifest.json`);
  const listed = new Map(list.entries.map(({ file, sha256 }) => [file, sha256]));
  const other = manifest.files.find(({ file, sha256 }) => listed.get(file) !== sha256);
  if (other || manifest.run !== list.run) throw differs(path, other?.file ?? 'manifest.json');
  const stages = new Map<string, string>();
  for (const { file } of archive.entries) {
    const name = /^stages\/(.+)\.json$/.exec(file)?.[1];
    if (name !== undefined) stages.set(name, (await textOf(archive, file))!);
  }
  const program = programShape.safeParse(JSON.parse((await textOf(archive, programFile)) ?? '{}'));
  if (!program.success) throw differs(path, programFile);
  return { manifest, stages, program: program.data };
}

function notAgain(
  { extract }: ArchivedManifest,
  { data, erased }: { data: boolean; erased: number },
  { hashes }: VerifyOptions,
): NotAgain | null {
  if (hashes) return 'asked';
  if (extract.inHive) return 'pushdown';
  if (!data) return 'data';
  return erased > 0 ? 'erased' : null;
}

async function verifyBytes(
  beside: string,
  about: Omit<Verification, 'again' | 'notAgain'>,
  run: Pick<GivenRun, 'manifest' | 'stages'>,
  unpack: Unpack,
  reason: NotAgain | null,
  options: VerifyOptions,
): Promise<Verification> {
  if (reason !== null) return { ...about, again: null, notAgain: reason };
  const spill = await openSpill(beside);
  try {
    const folder = join(spill.path, 'given');
    const hasPrevious = await unpack(folder);
    const again = await makeAgain(join(spill.path, 'again'), { ...run, folder, hasPrevious }, options);
    const found: Verification = { ...about, again, notAgain: null };
    if (again.different !== null) throw notTheSame(found, again.different);
    return found;
  } finally {
    await spill.close();
  }
}
