import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleConfig } from '@basketwise/sample';
import { withTerms } from './config-terms.ts';
import { type EndedJob, runJobProcess } from './job-process.ts';

/**
 * Runs the night of the sample's campaigns on a generated bank with a model, in a folder: its config is `MODEL.yaml` there.
 * @param formats of the results
 * @throws Error where it does not end with 0
 */
export async function runNight(
  model: 'als' | 'automatic',
  bank: string,
  folder: string,
  formats: readonly string[] = ['parquet', 'csv'],
): Promise<EndedJob> {
  const file = join(folder, `${model}.yaml`);
  const text = sampleConfig({ model, path: bank, output: `./out-${model}` });
  writeFileSync(file, withTerms(text.replaceAll('models/', `models-${model}/`), { formats }));
  const job = await runJobProcess(['run', '-c', file], { cwd: folder });
  if (job.code !== 0) throw new Error(`run with ${model} ended with ${job.code}: ${job.said.at(-1)?.text}`);
  return job;
}
