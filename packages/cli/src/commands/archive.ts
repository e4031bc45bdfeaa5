import { join } from 'node:path';
import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface ArchiveCommandOptions extends CommonOptions {
  to?: string;
  data: boolean;
  overwrite?: true;
}

async function archive(terminal: Terminal, run: string | undefined, options: ArchiveCommandOptions): Promise<Answer> {
  const { openConfig, successfulRun } = await import('@basketwise/pipeline/runs');
  const { output } = await openConfig(options.config, terminal.cwd);
  const name = await successfulRun(output, run);
  const usual = join(output, 'archives', `${name}${options.data ? '' : '-without-data'}.tar`);
  const { archiveRun, archiveText } = await import('@basketwise/audit');
  const file = options.to === undefined ? usual : terminal.path(options.to);
  const made = await archiveRun(output, name, { file, data: options.data, overwrite: options.overwrite === true });
  return { json: made, text: archiveText(made) };
}

/** Registers `basketwise archive`: writes a run to one sealed file. */
export function registerArchive(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('archive'))
    .argument('[run]', 'name of the run; `latest` without it')
    .description('seal a run in one tar file: manifest, models, results, and a hash of each')
    .option('--to <file>', 'file to write (default: output.dir/archives/RUN.tar)')
    .option('--without-data', 'leave out the rows of customers: the archive has their hashes')
    .option('--overwrite', 'replace an existing file')
    .action(
      action(
        terminal,
        (_: string | undefined, { json }: CommonOptions) => json === true,
        (given, run, { withoutData, ...options }: Omit<ArchiveCommandOptions, 'data'> & { withoutData?: true }) =>
          archive(given, run, { ...options, data: withoutData !== true }),
      ),
    );
}
