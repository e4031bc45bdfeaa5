import { validationJsonSchema } from '@basketwise/audit';
import { configJsonSchema, runResultsJsonSchema } from '@basketwise/pipeline';
import { type Result, resultTexts } from '../../bench/records/record.ts';
import { commandsPage } from './commands-page.ts';
import { configPage } from './config-page.ts';
import { filesPage } from './files-page.ts';
import { recordsPage, recordsPath } from './records-page.ts';

/** All files that are generated from the schemas, the command line and the results of benches: text by path from the root. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const results = [...resultTexts()].map(([name, text]) => [name, JSON.parse(text) as Result] as const);
  return new Map([
    ['packages/pipeline/config.schema.json', json(configJsonSchema())],
    ['packages/pipeline/run-results.schema.json', json(runResultsJsonSchema())],
    ['packages/audit/validation.schema.json', json(validationJsonSchema())],
    ['docs/reference/config.md', configPage(configJsonSchema())],
    ['docs/reference/commands.md', commandsPage()],
    ['docs/reference/files.md', filesPage()],
    [recordsPath, recordsPage(new Map(results))],
  ]);
}
