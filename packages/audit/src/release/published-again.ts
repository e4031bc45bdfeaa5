import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import { ifThere, type Journal, type PublishedRun, parseSealed, sealOf } from '@basketwise/pipeline/base';
import { checkRun } from '../archive/check-run.ts';
import type { Keys } from './keys.ts';
import { approvalsAtRelease, refused, signaturesAt } from './run-signatures.ts';

/**
 * Checks that a published run may become `latest` again, without new approvals, after a later run is withdrawn.
 * @param published runs in the record of publications
 * @throws AppError missing-input if the run is not among them, bad-data if its files differ, not-released if it was rejected or never
 * released
 */
export async function needPublished(
  place: { output: string; journal: Journal; keys: Keys; release: { approvals: number } },
  published: readonly PublishedRun[],
  run: string,
): Promise<void> {
  const found = published.findLast((one) => one.run === run);
  if (found === undefined) {
    throw new AppError(
      'missing-input',
      `run \`${run}\` is not published: a stop cannot publish it`,
      'Name a run that `basketwise runs` marks with + or *.',
    );
  }
  const folder = join(place.output, 'runs', run);
  const path = join(folder, 'manifest.json');
  const manifest = parseSealed((await ifThere(path, readFile(path, 'utf8'))) ?? '');
  if (manifest === undefined || sealOf(manifest) !== found.seal)
    throw new AppError('bad-data', `${path} is not the one that was published`, 'Name another run.');
  const { files, rejected } = await signaturesAt(place, run);
  if (rejected) throw refused(run, `it was rejected by ${rejected.who}: ${rejected.because}`);
  const approvals = approvalsAtRelease(place.journal, run, files);
  if (approvals === undefined) throw refused(run, 'the journal has no release of its present files');
  const { approvals: needed } = place.release;
  if (approvals < needed)
    throw refused(
      run,
      `its release has ${approvals} of the ${needed} approvals that \`release.approvals\` asks now`,
      'Approve it by more keys and release it again, or stop without --to. `basketwise journal verify` names approvals that do not count.',
    );
  await checkRun(folder);
}
