// Writes the files that are generated from the schemas, the command line and the results of benches: JSON Schemas for editors, reference pages,
// the page of records.
import { writeFile } from 'node:fs/promises';
import { generatedFiles } from './reference/generated.ts';

for (const [path, text] of generatedFiles()) await writeFile(new URL(`../${path}`, import.meta.url), text);
