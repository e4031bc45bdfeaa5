import { access, readFile } from 'node:fs/promises';
import { AppError } from '@basketwise/core/error';
import type { Command } from 'commander';
import { action } from '../command.ts';

interface InitOptions {
  json?: true;
}

async function init(file: string) {
  const template = await readFile(new URL('../../templates/basketwise.yaml', import.meta.url), 'utf8');
  const { writeWhole } = await import('@basketwise/pipeline');
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new AppError('cannot-write', `${file} is there already`, 'Remove it first, or name another file.');
  await writeWhole(file, template);
  return { json: { config: file }, text: `wrote ${file}: set its paths and columns, then run \`basketwise run\`\n` };
}

/** `basketwise init`: a commented config to start from. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .argument('[file]', 'the config to write', 'basketwise.yaml')
    .description('write a commented config to start from')
    .option('--json', 'print one JSON document on stdout')
    .action(action((_: string, { json }: InitOptions) => json === true, init));
}
