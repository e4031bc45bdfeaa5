import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';

async function doctor({ config }: CommonOptions): Promise<Answer> {
  const { diagnose, diagnosisText } = await import('@basketwise/pipeline');
  const diagnosis = await diagnose(config);
  process.exitCode = diagnosis.exitCode;
  return { json: diagnosis, text: diagnosisText(diagnosis) };
}

/** `basketwise doctor`: whether a run will find all that it needs. */
export function registerDoctor(program: Command): void {
  withCommonOptions(program.command('doctor'))
    .description('check Node, kernels, memory, disk, config, tables and columns; writes nothing')
    .action(action(({ json }: CommonOptions) => json === true, doctor));
}
