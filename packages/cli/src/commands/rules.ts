import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import { shareNumber, wholeNumber } from '../option-values.ts';
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
  const found = await exploreRules(settings, options, terminal);
  return { json: found, text: productRulesText(found) };
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
