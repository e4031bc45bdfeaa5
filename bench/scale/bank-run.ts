import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageState } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { fixed, tableText } from '../records/table-text.ts';
import { type BankFolder, openBank } from './bank-folder.ts';
import { withTerms } from './config-terms.ts';
import { runJobProcess } from './job-process.ts';
import { gibibytes, type Printed } from './program.ts';

/** Terms that a run of a generated bank has to keep to. */
export interface ScaleRun {
  customers: number;
  /** Names of products; default 430. */
  products?: number;
  formats: readonly ('parquet' | 'csv')[];
  /** Most resident memory of all processes of the run together, in bytes; undefined: any. */
  mostMemory?: number;
  /** Memory that the engine may use, as the config writes it. */
  memory?: string;
  /** Without probabilities. */
  plain?: boolean;
  /** Folder of the bank: used if it holds that bank, else generated there; it stays. Undefined: a temporary one. */
  bank?: string | undefined;
}

/** Cost of a run at one size. */
export interface ScaleResult {
  customers: number;
  products: number;
  holdings: number;
  /** Wall time of the whole run, the program's own start included. */
  seconds: number;
  /** Largest sum of resident memory of its processes. */
  peakBytes: number;
  /** Load of the machine, over one minute, before the run. */
  load: number;
  stages: readonly StageState[];
  campaigns: Printed['campaigns'];
}

/** Makes a folder with the config of a run of a bank. */
export function jobFolder({ formats, memory = '4GB', plain = false }: ScaleRun, bank: BankFolder): string {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-scale-'));
  const loads = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  console.log(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.versions.node}, load ${loads}, engine ${memory}`);
  const config = sampleConfig({ model: 'als', path: bank.folder });
  writeFileSync(join(folder, 'basketwise.yaml'), withTerms(config, { memory, formats, plain }));
  return folder;
}

/**
 * Generates a bank, runs the sample's six campaigns on it in a process of its own, and prints time per stage and peak
 * memory; undefined when the run failed. Everything but a named bank is removed afterwards.
 */
export async function scaleBank(run: ScaleRun): Promise<ScaleResult | undefined> {
  const { customers, products = 430 } = run;
  const bank = await openBank({ customers, products, named: run.bank });
  const folder = jobFolder(run, bank);
  try {
    const load = loadavg()[0]!;
    const { code, stdout, seconds, peakBytes } = await runJobProcess(['run', '--json'], { cwd: folder, echo: true });
    if (code !== 0) {
      console.log(`FAIL: exit ${code} after ${seconds.toFixed(1)} s, peak ${gibibytes(peakBytes)}`);
      return undefined;
    }
    const printed: Printed = JSON.parse(stdout);
    printRun(printed);
    const { stages, campaigns } = printed;
    return { customers, products, holdings: Number(bank.holdings), seconds, peakBytes, load, stages, campaigns };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    bank.remove();
  }
}

/** The same, held to a limit of memory: true when the run ended well and kept to it. */
export async function runAtScale({ mostMemory = Infinity, ...run }: ScaleRun): Promise<boolean> {
  const result = await scaleBank(run);
  if (result === undefined) return false;
  const holds = result.peakBytes <= mostMemory;
  const limit = mostMemory === Infinity ? '' : `, at most ${gibibytes(mostMemory)} allowed`;
  const peak = gibibytes(result.peakBytes);
  console.log(`${holds ? 'ok' : 'FAIL'}: ${result.seconds.toFixed(1)} s in all, peak memory of the process tree ${peak}${limit}`);
  return holds;
}

/** Prints time per stage, the campaigns, and the sizes of files. */
export function printRun({ stages, campaigns, files }: Printed): void {
  const times = stages.map(({ name, seconds, peakMemory }) => [name, fixed(seconds, 1), peakMemory]);
  console.log(tableText({ columns: ['stage', 's', 'peak so far, MiB'], rows: times }));
  const counts = campaigns.map((one) => [one.campaign, one.targets, one.served, one.baskets, one.rows]);
  console.log(tableText({ columns: ['campaign', 'targets', 'served', 'distinct baskets', 'rows'], rows: counts }));
  for (const [name, file] of Object.entries(files)) console.log(`${name}: ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB`);
}
