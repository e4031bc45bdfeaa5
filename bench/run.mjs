// Runs benches and claims, one after the other, and ends with the first exit code that is not 0:
// - `npm run bench [-- NAME ...]`: bench/kernels/NAME.bench.ts, all without a name;
// - `npm run bench:ci`: bench/ci.ts;
// - `npm run bench:peers -- NAME [argument ...]`: bench/peers/NAME.ts, the same work by Basketwise and by its peers;
// - `npm run claim -- NAME [argument ...]`: bench/claims/NAME.ts, which verifies a claim of the documents.
// With `--record` their figures are also written to bench/results (records/record.ts).
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const [script, ...given] = process.argv.slice(2);
const args = given.filter((word) => word !== '--record');
const endings = { bench: 'kernels/*.bench.ts', 'bench:peers': 'peers/*.ts', claim: 'claims/*.ts' };
const comparisons = ['als', 'topn', 'job', 'columns'];

/** Names that a script has, in order. */
function namesOf([place, ending]) {
  const files = readdirSync(`${folder}${place}`).filter((file) => file.endsWith(ending));
  const names = files.map((file) => file.slice(0, -ending.length));
  return script === 'bench:peers' ? names.filter((name) => comparisons.includes(name)) : names;
}

/** Variables of a bench, and arguments that change a figure: all but those that name folders. */
function commandOf(name, rest) {
  const variables = Object.entries(process.env).filter(([key]) => /^BENCH_(?!RECORD|REPORT)/.test(key));
  const words = rest.filter((word, i) => !/^--(banks?|keep)$/.test(word) && !/^--(banks?|keep)$/.test(rest[i - 1] ?? ''));
  const typed = [name, ...words].filter((word) => word !== '');
  return [
    ...variables.map(([key, value]) => `${key}=${value}`),
    `npm run ${script}`,
    ...(typed.length > 0 ? ['--', ...typed] : []),
  ].join(' ');
}

function run(file, name, rest) {
  const { BENCH_RECORD: _, ...env } = process.env;
  if (given.includes('--record')) env.BENCH_RECORD = commandOf(name, rest);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', `${folder}${file}`, ...rest], { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 70);
}

if (script === 'bench:ci') run('ci.ts', '', args);
else {
  const place = endings[script].split('*');
  const names = namesOf(place);
  const asked = script === 'bench' ? args : args.slice(0, 1);
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0 || (script !== 'bench' && asked.length === 0)) {
    console.error(
      `${script}: ${unknown.length > 0 ? `nothing is named ${unknown.join(', ')}` : 'no name given'}; there are: ${names.join(', ')}`,
    );
    process.exit(64);
  }
  for (const name of asked.length > 0 ? asked : names) run(place.join(name), name, script === 'bench' ? [] : args.slice(1));
}
