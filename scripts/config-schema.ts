// Writes the files that are generated from the schemas and the command line: JSON Schemas for editors, reference pages.
import { writeFile } from 'node:fs/promises';
import { generatedFiles } from './reference/generated.ts';

for (const [path, text] of generatedFiles()) await writeFile(new URL(`../${path}`, import.meta.url), text);
