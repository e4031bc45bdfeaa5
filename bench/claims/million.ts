// `npm run claim -- million [customers]`: 1 million generated customers x 430 products, six campaigns, with the sample's config: time per stage
// and peak memory of the process tree.
import { runAtScale } from '../scale/bank-run.ts';

const [customers = 1_000_000] = process.argv.slice(2).map(Number);
process.exitCode = (await runAtScale({ customers, formats: ['parquet', 'csv'] })) ? 0 : 1;
