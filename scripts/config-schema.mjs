// Publishes the JSON Schema of basketwise.yaml, for editors: packages/pipeline/config.schema.json.
import { writeFile } from 'node:fs/promises';
import { configJsonSchema } from '@basketwise/pipeline';

const file = new URL('../packages/pipeline/config.schema.json', import.meta.url);
await writeFile(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
