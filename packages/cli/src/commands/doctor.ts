import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface DoctorOptions extends CommonOptions {
  data?: true;
}

async function doctor(terminal: Terminal, { config, data }: DoctorOptions): Promise<Answer> {
  const { diagnose, diagnosisText } = await import('@basketwise/insight');
  const diagnosis = await diagnose(config, { data, folder: terminal.cwd });
  return { json: diagnosis, text: diagnosisText(diagnosis), exitCode: diagnosis.exitCode };
}

/** Registers `basketwise doctor`: checks whether a run can succeed here. */
export function registerDoctor(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('doctor'))
    .description('check Node, kernels, memory, disk, config, tables and columns; writes nothing')
    .option('--data', 'read the data as a run would, and list all its faults with counts and row numbers')
    .action(action(terminal, ({ json }: CommonOptions) => json === true, doctor));
}
