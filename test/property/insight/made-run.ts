import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sealedText } from '../../../packages/pipeline/src/run/seal.ts';
import { recordName } from '../../../packages/pipeline/src/run/stage-record.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Name of a made run. @param identity of several runs of a date */
export const madeRunName = (date: string, identity = date) => `${date}-${sha256(identity).slice(0, 8)}`;

/** Writes a finished run of one stage and one file. @returns its name */
export function writeMadeRun(output: string, date: string, content: string, identity = date, config: object = {}): string {
  const hash = sha256(identity);
  const run = madeRunName(date, identity);
  const folder = join(output, 'runs', run);
  mkdirSync(join(folder, 'stages'), { recursive: true });
  writeFileSync(join(folder, 'recommendations.csv'), content);
  const files = [{ file: 'recommendations.csv', bytes: Buffer.byteLength(content), sha256: sha256(content) }];
  const write = (file: string, document: object) => writeFileSync(join(folder, file), sealedText(document));
  write(recordName('publish'), { hash, key: '', after: '', made: null, files, summary: null });
  const times = { startedAt: `${date}T00:00:00Z`, endedAt: `${date}T01:00:00Z` };
  write('run.json', { version: 1, run, status: 'finished', previous: null, ...times, stages: [{ name: 'publish' }] });
  const inputs = { code: '', config: '', files: null, kernels: '' };
  write('manifest.json', {
    ...{ version: 1, run, referenceDate: date, hash, inputs, config, extract: {}, clusters: [], files },
  });
  return run;
}
