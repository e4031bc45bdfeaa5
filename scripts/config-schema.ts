// Writes the files that are generated from the schemas, the command line and the results of benches: JSON Schemas for editors, reference pages,
// the page of records with its charts.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { generatedFiles } from './reference/generated.ts';

const charts = new URL('../docs/charts/', import.meta.url);
await rm(charts, { recursive: true, force: true });
await mkdir(charts);
for (const [path, text] of generatedFiles()) await writeFile(new URL(`../${path}`, import.meta.url), text);
