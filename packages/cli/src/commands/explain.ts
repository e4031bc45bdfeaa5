import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface ExplainOptions extends CommonOptions {
  run?: string;
}

async function explain(terminal: Terminal, customer: string, { config, run }: ExplainOptions): Promise<Answer> {
  // A missing run is refused before the config is checked and the engine is loaded.
  const { openConfig, successfulRun } = await import('@basketwise/pipeline/runs');
  const { output, settings } = await openConfig(config, terminal.cwd);
  await successfulRun(output, run);
  const { explainCustomer, explanationText } = await import('@basketwise/insight');
  const explanation = await explainCustomer(await settings(), customer, run);
  return { json: explanation, text: explanationText(explanation) };
}

/** Registers `basketwise explain`: explains the recommendations of one customer. */
export function registerExplain(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('explain'))
    .argument('<customer>', 'id of the customer, as in the customers table')
    .description('explain the recommendations of a customer: holdings, reasons, rules')
    .option('--run <run>', 'name of the run; `latest` without it')
    .action(action(terminal, (_: string, { json }: ExplainOptions) => json === true, explain));
}
