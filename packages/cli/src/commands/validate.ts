import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, datedSettingsOf, dayForms, dayOfText, withCommonOptions } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface ValidateCommandOptions extends CommonOptions {
  asOf?: string;
  against?: string;
}

async function validateRun(
  terminal: Terminal,
  run: string | undefined,
  { asOf, against, ...common }: ValidateCommandOptions,
): Promise<Answer> {
  const given = { ...common, ...(asOf === undefined ? {} : { referenceDate: asOf }) };
  const { settings, dated } = await datedSettingsOf(given, terminal, '--as-of');
  const { exitCodes } = await import('@basketwise/core/base');
  const { validate, validationText } = await import('@basketwise/audit');
  const validation = await stoppable((signal) =>
    validate(settings, {
      ...{ signal, run, against, asOf: dated.referenceDate },
      step: (text) => terminal.say(`validate: ${text}\n`),
    }),
  );
  const isBeyond = validation.triggers.length > 0;
  return { json: validation, text: validationText(validation), ...(isBeyond && { exitCode: exitCodes['beyond-bounds'] }) };
}

/** Registers `basketwise validate`: writes a pack of evidence for model risk and audit. */
export function registerValidate(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('validate'))
    .argument('[run]', 'name of a run, such as a prepared one; the latest run without it')
    .description('write a validation pack of a run: quality, calibration, exposure, drift, robustness; 76 beyond a bound')
    .option(
      '--as-of <date>',
      `purchases up to this date; without a name, of the newest published run up to it: ${dayForms}`,
      dayOfText,
    )
    .option('--against <run>', 'earlier run to compare with, besides the two newest ones')
    .action(action(terminal, (_: string | undefined, { json }: ValidateCommandOptions) => json === true, validateRun));
}
