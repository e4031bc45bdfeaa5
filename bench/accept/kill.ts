// `npm run accept -- kill [kills] [customers]`: kill -9 at random moments of a run (30 of 200,000 customers), each followed by a rerun that must
// finish with the bytes of an undisturbed run; `latest` must be whole at every moment.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@basketwise/core';
import { type FileRecord, generateBank, sampleConfig } from '@basketwise/pipeline';

const [kills = 30, customers = 200_000] = process.argv.slice(2).map(Number);
const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');
const folder = mkdtempSync(join(tmpdir(), 'basketwise-kill-'));

/** Runs the job; with `after`, kills it that many milliseconds later. Returns its exit code, or null when it was killed. */
function run(name: string, after?: number): Promise<number | null> {
  const child = spawn(process.execPath, [program, 'run', '--json', '--config', join(folder, `${name}.yaml`)], {
    stdio: 'ignore',
  });
  const timer = after === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

function prepare(name: string): string {
  const config = sampleConfig({ output: `./${name}` }).replaceAll('model: models/', `model: ${name}-models/`);
  writeFileSync(join(folder, `${name}.yaml`), config);
  return join(folder, name);
}

/** What a run published: files with their hashes, the report without its note on whether clusters were fitted again. */
function published(output: string): string {
  const { files } = JSON.parse(readFileSync(join(output, 'latest', 'manifest.json'), 'utf8')) as { files: FileRecord[] };
  return JSON.stringify(files.filter(({ file }) => !/^report\./.test(file)));
}

/** True where nothing is published, or all of it. */
function isWhole(output: string): boolean {
  return !existsSync(join(output, 'latest')) || existsSync(join(output, 'latest', 'manifest.json'));
}

let failed = 0;
try {
  await generateBank({ customers, seed: 11, folder: join(folder, 'data') });
  const undisturbed = prepare('undisturbed');
  const start = performance.now();
  if ((await run('undisturbed')) !== 0) throw new Error('the undisturbed run failed');
  const duration = performance.now() - start;
  const wanted = published(undisturbed);
  const random = createRandom(1);
  for (let i = 0; i < kills; i++) {
    const output = prepare(`kill-${i}`);
    const after = Math.round(random.next() * duration);
    const killed = (await run(`kill-${i}`, after)) === null;
    const whole = isWhole(output);
    const code = await run(`kill-${i}`);
    const [run1, ...others] = readdirSync(join(output, 'runs'));
    const equal = code === 0 && published(output) === wanted;
    const holds = whole && equal && run1 !== undefined && others.length === 0;
    if (!holds) failed++;
    console.log(
      `${holds ? 'ok  ' : 'FAIL'} ${killed ? 'killed' : 'ended'} after ${after} ms, rerun ${code}, bytes ${equal ? 'equal' : 'differ'}`,
    );
    rmSync(output, { recursive: true, force: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${kills - failed} of ${kills} kills survived`);
process.exit(failed === 0 ? 0 : 1);
