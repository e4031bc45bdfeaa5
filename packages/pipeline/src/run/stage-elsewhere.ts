import { join } from 'node:path';
import { runFolders } from './attempts.ts';
import { allAsRecorded, type MadeOf, readRecord, type StageRecord } from './stage-record.ts';

/** Finished stage in the folder of another run. */
export interface StageElsewhere {
  run: string;
  /** Absolute path of the run's folder. */
  folder: string;
  record: StageRecord;
}

/** Records of a stage in the folders of other runs, newest reference date first. */
export async function stagesElsewhere(output: string, own: string, stage: string): Promise<StageElsewhere[]> {
  const found: StageElsewhere[] = [];
  for (const run of (await runFolders(output)).sort().reverse()) {
    const folder = join(output, 'runs', run);
    const record = run === own ? undefined : await readRecord(folder, stage);
    if (record) found.push({ run, folder, record });
  }
  return found;
}

/** Run of the newest reference date in which a stage has the wanted inputs, and its files are unchanged, byte by byte. */
export async function findStage(
  output: string,
  own: string,
  stage: string,
  isWanted: (made: MadeOf) => boolean,
): Promise<StageElsewhere | undefined> {
  for (const one of await stagesElsewhere(output, own, stage)) {
    const { made, files } = one.record;
    if (made && isWanted(made) && (await allAsRecorded(one.folder, files))) return one;
  }
  return undefined;
}

/** Names of the inputs that differ between a record and the wanted inputs. */
export function differences(made: MadeOf, wanted: MadeOf): string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(made)])].filter((part) => made[part] !== wanted[part]);
}
