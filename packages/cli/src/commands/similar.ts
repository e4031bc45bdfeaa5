import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import { wholeNumber } from '../number-option.ts';

interface SimilarCommandOptions extends CommonOptions {
  run?: string;
  campaign?: string;
  top: number;
}

async function similar(product: string, { config, json: _, ...options }: SimilarCommandOptions): Promise<Answer> {
  const { loadConfig, similarProducts, similarText } = await import('@basketwise/pipeline');
  const found = await similarProducts(await loadConfig(config), product, options);
  return { json: found, text: similarText(found) };
}

/** `basketwise similar`: which products are like one. */
export function registerSimilar(program: Command): void {
  withCommonOptions(program.command('similar'))
    .argument('<product>', 'code or name of the product')
    .description('products that are like one: by the customers who hold both, or by the model of a campaign')
    .option('--run <run>', 'name of the run; the latest without it')
    .option('--campaign <name>', "compare by this campaign's model")
    .option('--top <products>', 'products to list', wholeNumber, 10)
    .action(action((_: string, { json }: SimilarCommandOptions) => json === true, similar));
}
