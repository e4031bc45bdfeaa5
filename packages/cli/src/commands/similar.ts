import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import { wholeNumber } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface SimilarCommandOptions extends CommonOptions {
  run?: string;
  campaign?: string;
  top: number;
}

async function similar(
  terminal: Terminal,
  product: string,
  { config, json: _, ...options }: SimilarCommandOptions,
): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { exploreSimilar, similarText } = await import('@basketwise/insight');
  const found = await exploreSimilar(settings, product, options, terminal);
  return { json: found, text: similarText(found) };
}

/** Registers `basketwise similar`: lists the products most similar to a given one. */
export function registerSimilar(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('similar'))
    .argument('<product>', 'code or name of the product')
    .description('list products similar to one, by the customers who hold both or by the model of a campaign')
    .option('--run <run>', 'name of a run; the newest snapshot without it, extracted if there is none')
    .option('--campaign <name>', "compare by this campaign's model")
    .option('--top <products>', 'number of products', wholeNumber, 10)
    .action(action(terminal, (_: string, { json }: SimilarCommandOptions) => json === true, similar));
}
