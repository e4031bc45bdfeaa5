import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runCommand } from 'basketwise/run-command';
import { onTestFinished } from 'vitest';
import { keepTalkOf, keepText } from '../../privacy/talk.ts';

/** The command, as node runs it. */
export const program = fileURLToPath(new URL('../../../packages/cli/bin/basketwise.js', import.meta.url));

/** The tables of a small bank, as CSV text, and its config. */
export interface SmallBank {
  customers: string;
  products: string;
  holdings: string;
  config: string;
  /** Further files, by name. */
  files?: Readonly<Record<string, string>>;
}

/** How a command ended. */
export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

const products = `code,name,class,sale_end
D1,입출금통장,deposit,
D2,정기예금,deposit,20200101
D3,정기예금,deposit,
D4,적금,deposit,99991231
D5,옛예금,deposit,2021-12-31
I1,실손보험,insurance,
I2,연금보험,insurance,
I3,저축보험,insurance,
`;

function holdingLines(customers: number): string[] {
  const names = ['입출금통장', '정기예금', '적금', '옛예금', '실손보험', '연금보험'];
  const lines: string[] = [];
  for (let customer = 0; customer < customers; customer++) {
    if (customer % 7 === 6) continue;
    for (const [i, name] of names.entries()) {
      if ((customer * 31 + i * 17) % 11 > 4) continue;
      const year = 2018 + ((customer + i) % 5);
      lines.push(`${String(customer).padStart(4, '0')},${name},${year}-0${1 + ((customer * 3 + i) % 8)}-15`);
    }
  }
  return lines;
}

/** A bank of some customers: two campaigns, no clusters. Ids have leading zeros; D2 and D3 are one product. */
export function smallBank(customers = 60): SmallBank {
  const people = Array.from(
    { length: customers },
    (_, i) => `${String(i).padStart(4, '0')},${20 + ((i * 7) % 60)},${i % 5 ? 'Y' : 'N'}`,
  );
  return {
    customers: `id,age,consent\n${people.join('\n')}\n`,
    products,
    holdings: `customer,product,opened\n${holdingLines(customers).join('\n')}\n`,
    config: `reference_date: 2022-08-31
source: { path: . }
tables:
  customers: { from: customers.csv, id: id }
  products: { from: products.csv, code: code, name: name, class: class, sale_end: sale_end }
  holdings: { from: holdings.csv, customer: customer, product: product, by: name, date: opened }
guards: { max_unknown_products: 0.05 }
rules:
  - { reason: NO_CONSENT, require: "consent = 'Y'" }
campaigns:
  deposit-upsell: { kind: upsell, class: deposit }
  insurance-cross: { kind: cross, class: insurance, columns: [deposit, insurance] }
model: { factors: 4, regularization: 1, alpha: 10, iterations: 5 }
top_n: 3
workers: 2
output: { formats: [csv, parquet] }
`,
  };
}

/** Programs that were started and have not ended, by the folder that they run in. */
const running = new Map<ChildProcess, { folder: string; ended: Promise<unknown> }>();

/** Ends the programs that a test has left running in a folder, as one that timed out does. */
async function endPrograms(folder: string): Promise<void> {
  const left = [...running].filter(([, program]) => program.folder === folder);
  for (const [child] of left) child.kill('SIGKILL');
  await Promise.allSettled(left.map(([, { ended }]) => ended));
}

/** Writes a bank into a new folder, which `remove` removes again, with the programs that still run in it. */
export async function writeBank(bank: SmallBank): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-e2e-'));
  for (const table of ['customers', 'products', 'holdings'] as const) await writeFile(join(folder, `${table}.csv`), bank[table]);
  for (const [name, text] of Object.entries(bank.files ?? {})) await writeFile(join(folder, name), text);
  await writeFile(join(folder, 'basketwise.yaml'), bank.config);
  const remove = async () => {
    await endPrograms(folder);
    keepTalkOf(folder);
    return rm(folder, { recursive: true, force: true });
  };
  return { folder, remove };
}

/** Writes a bank that goes with the test that is running. */
export async function testBank(bank: SmallBank): Promise<{ folder: string }> {
  const { folder, remove } = await writeBank(bank);
  onTestFinished(remove);
  return { folder };
}

/** Stream that keeps what is written to it. */
class KeptText extends Writable {
  text = '';

  override _write(chunk: Buffer | string, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Keeps what a command said for the search for customers' ids; a caller who names a customer gets their id. */
function keepOutcome(args: readonly string[], { stdout, stderr }: Outcome): void {
  keepText('stderr', stderr);
  if (args[0] !== 'explain' && args[0] !== 'replay') keepText('stdout', stdout);
}

/** Runs a command in a folder, in this process. */
export async function basketwise(folder: string, ...args: readonly string[]): Promise<Outcome> {
  const [stdout, stderr] = [new KeptText(), new KeptText()];
  const exitCode = await runCommand(args, { stdout, stderr, cwd: folder });
  const outcome = { exitCode, stdout: stdout.text, stderr: stderr.text };
  keepOutcome(args, outcome);
  return outcome;
}

/** Text of stderr, with the lines of each warning as one. */
export function unwrapped(stderr: string): string {
  return stderr.replaceAll(/\n {2}(?=\S)/g, ' ');
}

/** Starts the program in a folder and sends it `stop.signal` as soon as it has said `stop.at` on stderr. */
export async function basketwiseUntil(
  folder: string,
  stop: { at: string; signal: NodeJS.Signals },
  ...args: readonly string[]
): Promise<Outcome> {
  const started = startBasketwise(folder, args);
  void started.said(stop.at).then(() => started.child.kill(stop.signal));
  return started.ended;
}

/** Exit code of the program in a folder, its standard streams redirected as a shell does. */
export function exitCodeOf(folder: string, redirection: string, args: readonly string[]): Promise<number | null> {
  const command = `exec "$0" "$@" ${redirection}`;
  const child = spawn('/bin/sh', ['-c', command, process.execPath, program, ...args], { cwd: folder, stdio: 'ignore' });
  return new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
}

/** A program that is running. */
export interface Started {
  child: ChildProcess;
  /** Resolves when it has said something on stderr. */
  said(text: string): Promise<void>;
  ended: Promise<Outcome>;
}

/** Starts the program in a folder; `from` is another build of it. */
export function startBasketwise(
  folder: string,
  args: readonly string[],
  { env = {}, from = program, ...user }: { env?: Record<string, string>; from?: string; uid?: number; gid?: number } = {},
): Started {
  const child = spawn(process.execPath, [from, ...args], { cwd: folder, env: { ...process.env, ...env }, ...user });
  const outcome = { exitCode: -1, stdout: '', stderr: '' };
  const waiting: { text: string; resolve: () => void }[] = [];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    outcome.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    outcome.stderr += text;
    for (const { text, resolve } of waiting) if (outcome.stderr.includes(text)) resolve();
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      keepOutcome(args, outcome);
      resolve({ ...outcome, exitCode: code ?? -1 });
    });
  });
  running.set(child, { folder, ended });
  child.on('close', () => running.delete(child));
  const said = (text: string) => new Promise<void>((resolve) => waiting.push({ text, resolve }));
  return { child, said, ended };
}
