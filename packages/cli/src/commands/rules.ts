import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import { shareNumber, wholeNumber } from '../number-option.ts';
import { tell } from '../streams.ts';

interface RulesOptions extends CommonOptions {
  run?: string;
  minSupport: number;
  minConfidence: number;
  longest: number;
  top: number;
}

async function rules({ config, json: _, ...options }: RulesOptions): Promise<Answer> {
  const { exploreRules, loadConfig, productRulesText } = await import('@basketwise/pipeline');
  const found = await exploreRules(await loadConfig(config), options, { tell });
  return { json: found, text: productRulesText(found) };
}

/** `basketwise rules`: which products customers hold together. */
export function registerRules(program: Command): void {
  withCommonOptions(program.command('rules'))
    .description('which products customers hold together: association rules')
    .option('--run <run>', 'name of a run; the newest snapshot without it, made where there is none')
    .option('--min-support <share>', 'least share of customers who hold all products of a rule', shareNumber, 0.001)
    .option('--min-confidence <share>', 'least share of the holders of the left side who hold the right side', shareNumber, 0.1)
    .option('--longest <products>', 'most products of a rule, both sides together', wholeNumber, 3)
    .option('--top <rules>', 'rules to list, those of the highest lift', wholeNumber, 50)
    .action(action(({ json }: RulesOptions) => json === true, rules));
}
