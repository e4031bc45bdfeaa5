// Publishes what is derived from the config's schema: packages/pipeline/config.schema.json, for editors, and the table of models in docs/config.md.
import { readFile, writeFile } from 'node:fs/promises';
import { configJsonSchema, modelTable, runResultsJsonSchema } from '@basketwise/pipeline';

const file = new URL('../packages/pipeline/config.schema.json', import.meta.url);
await writeFile(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);

const results = new URL('../packages/pipeline/run-results.schema.json', import.meta.url);
await writeFile(results, `${JSON.stringify(runResultsJsonSchema(), null, 2)}\n`);

const page = new URL('../docs/config.md', import.meta.url);
const text = await readFile(page, 'utf8');
await writeFile(page, text.replace(/(?<=^## Models\n\n)(\|.*\n)+/m, modelTable()));
