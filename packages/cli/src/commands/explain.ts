import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';

interface ExplainOptions extends CommonOptions {
  run?: string;
}

async function explain(customer: string, { config, run }: ExplainOptions): Promise<Answer> {
  const { explainCustomer, explanationText, loadConfig } = await import('@basketwise/pipeline');
  const explanation = await explainCustomer(await loadConfig(config), customer, run);
  return { json: explanation, text: explanationText(explanation) };
}

/** `basketwise explain`: why a customer was or was not shown products. */
export function registerExplain(program: Command): void {
  withCommonOptions(program.command('explain'))
    .argument('<customer>', 'id of the customer, as in the customers table')
    .description('why a customer was or was not shown products: holdings, reasons, rules')
    .option('--run <run>', 'name of the run; the latest without it')
    .action(action((_: string, { json }: ExplainOptions) => json === true, explain));
}
