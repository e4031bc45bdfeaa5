// `npm run claim -- fuzz [cases] [seed] [processes]`: runs of 2,000 random banks (tables, configs, holdings, rules, equivalence groups, sale ends,
// dates, clusters and kept models, segments, links, joins by sql, zones, opt-out lists that change overnight) on 2 processes, whose output is held to its invariants; a bank that breaks one is printed.
// Of one bank in ten several nights with offers are run, done again, run for one campaign and rolled back from: tonight is held against a fresh folder, its read-out against what `latest` was.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkRandomBanks } from '../../test/property/pipeline/run-random.ts';

/** Share of the banks of which several nights are run: each takes some seconds of processor time. */
const nightsShare = 0.1;
const [cases = 2000, seed = 2, processes = 2] = process.argv.slice(2).map(Number);

async function checkHere(): Promise<void> {
  const begin = performance.now();
  const { served, refused, nights } = await checkRandomBanks(cases, seed, nightsShare, (done) => {
    if (done % 100 === 0) console.log(`seed ${seed}: ${done} of ${cases}`);
  });
  const seconds = Math.round((performance.now() - begin) / 1000);
  const codes = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  console.log(
    `${cases} random banks, seed ${seed}: every invariant holds; ${served} served, several nights of ${nights}, refused as they must be: ${codes.join(', ') || 'none'}; ${seconds} s`,
  );
}

/** A share of the cases in a process of its own, with a seed of its own; resolves to its exit code. */
function checkThere(share: number, of: number): Promise<number> {
  const count = Math.ceil(((share + 1) * cases) / of) - Math.ceil((share * cases) / of);
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), ...[count, seed + share, 1].map(String)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 70)));
}

if (processes > 1) {
  const codes = await Promise.all(Array.from({ length: processes }, (_, share) => checkThere(share, processes)));
  process.exitCode = Math.max(...codes);
} else {
  await checkHere().catch((error) => {
    console.log((error as Error).message);
    process.exitCode = 1;
  });
}
