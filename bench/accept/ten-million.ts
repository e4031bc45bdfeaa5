// `npm run accept -- ten-million [customers]`: 10 million generated customers x 430 products, six campaigns, Parquet only: time per stage and peak
// memory of the process tree, which may be at most 6 GiB. Needs about 20 GB of disk in the folder for temporary files.
import { runAtScale } from '../scale/bank-run.ts';

const [customers = 10_000_000] = process.argv.slice(2).map(Number);
const holds = await runAtScale({ customers, formats: ['parquet'], memory: '2GB', mostMemory: 6 * 2 ** 30 });
process.exitCode = holds ? 0 : 1;
