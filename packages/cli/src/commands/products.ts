import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, shareNumber, wholeNumber, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface RulesOptions extends CommonOptions {
  run?: string;
  minSupport: number;
  minConfidence: number;
  longest: number;
  top: number;
}

async function showRules(terminal: Terminal, { config, json: _, ...options }: RulesOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { exploreRules, productRulesText } = await import('@basketwise/insight');
  const explored = await exploreRules(settings, options, terminal);
  return { json: explored, text: productRulesText(explored) };
}

/** Registers `basketwise rules`: lists association rules between products. */
export function registerRules(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('rules'))
    .description('list association rules: products that customers hold together')
    .option('--run <run>', 'name of a run; the newest snapshot without it, extracted if there is none')
    .option('--min-support <share>', 'least share of customers who hold all products of a rule', shareNumber, 0.001)
    .option('--min-confidence <share>', 'least share of the holders of the left side who hold the right side', shareNumber, 0.1)
    .option('--longest <products>', 'largest number of products of a rule, both sides together', wholeNumber, 3)
    .option('--top <rules>', 'number of rules, those with the largest lift', wholeNumber, 50)
    .action(action(terminal, ({ json }: RulesOptions) => json === true, showRules));
}

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
  const explored = await exploreSimilar(settings, product, options, terminal);
  return { json: explored, text: similarText(explored) };
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
