import type { Command } from 'commander';
import {
  type Answer,
  action,
  type CommonOptions,
  checkDay,
  type DatedOptions,
  withCommonOptions,
  withReferenceDate,
} from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface DoctorOptions extends DatedOptions {
  data?: true;
}

async function doctor(terminal: Terminal, { config, data, referenceDate }: DoctorOptions): Promise<Answer> {
  await checkDay(referenceDate, '--reference-date');
  const { diagnose, diagnosisText } = await import('@basketwise/insight');
  const diagnosis = await diagnose(config, { data, folder: terminal.cwd, referenceDate });
  return { json: diagnosis, text: diagnosisText(diagnosis), exitCode: diagnosis.exitCode };
}

/** Registers `basketwise doctor`: checks whether a run can succeed here. */
export function registerDoctor(program: Command, terminal: Terminal): void {
  withReferenceDate(withCommonOptions(program.command('doctor')), 'day of the tables')
    .description('check Node, kernels, memory, disk, config, tables and columns; writes nothing')
    .option('--data', 'read the data as a run would, and list all its faults with counts and row numbers')
    .action(action(terminal, ({ json }: CommonOptions) => json === true, doctor));
}
