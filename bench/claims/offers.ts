// `npm run claim -- offers [customers] [--bank FOLDER]`: cost and gap of offers in 1,000 capacities, 10 million customers by default.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDuckdb, queryRows } from '@basketwise/data';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { openBank } from '../scale/bank-folder.ts';
import { runJobProcess } from '../scale/job-process.ts';
import { offersConfig } from '../scale/offers-config.ts';
import { gibibytes, type Printed } from '../scale/program.ts';

const most = { seconds: 30, bytes: 2 ** 30, gap: 0.001 };
/** Stages that a night without offers does not have. */
const stages = ['decide', 'outcomes'];

const { values, positionals } = parseArgs({ options: { bank: { type: 'string' } }, allowPositionals: true });
const [customers = 10_000_000] = positionals.map(Number);

const bank = await openBank({ customers, products: 430, named: values.bank });
const folder = mkdtempSync(join(tmpdir(), 'basketwise-offers-'));

/** Codes of the bank's products, those first that are held most. */
async function productCodes(): Promise<string[]> {
  const engine = await openDuckdb({ memory: '2GB', threads: 2, tempDirectory: join(folder, 'spill') });
  try {
    const table = (name: string) => `read_parquet(${engine.dialect.text(join(bank.folder, `${name}.parquet`))})`;
    const held = `SELECT gds_korn_nm, count(*) AS n FROM ${table('holdings')} GROUP BY ALL`;
    const codes = `SELECT gds_korn_nm, min(gds_cd) AS code FROM ${table('products')} GROUP BY ALL`;
    const rows = await queryRows(engine, `SELECT code FROM (${codes}) JOIN (${held}) USING (gds_korn_nm) ORDER BY n DESC, code`);
    return rows.map(({ code }) => String(code));
  } finally {
    await engine.close();
  }
}

try {
  const codes = await productCodes();
  const night = async (withOffers: boolean) => {
    const name = withOffers ? 'with' : 'without';
    const config = offersConfig({ path: bank.folder, customers, withOffers, codes }).replace('memory: 4GB', 'memory: 2GB');
    writeFileSync(
      join(folder, `${name}.yaml`),
      config.replaceAll('models/', `models-${name}/`).replace('./out', `./out-${name}`),
    );
    const load = loadavg()[0]!;
    const job = await runJobProcess(['run', '--json', '-c', `${name}.yaml`], { cwd: folder, echo: true });
    if (job.code !== 0) throw new Error(`the night ${name} offers ended with ${job.code}`);
    const printed = JSON.parse(job.stdout) as Printed;
    const own = printed.stages.filter((stage) => stages.includes(stage.name)).reduce((sum, { seconds }) => sum + seconds, 0);
    console.log(
      `night ${name} offers: ${job.seconds.toFixed(1)} s, peak memory ${gibibytes(job.peakBytes)}, load before ${load.toFixed(1)}`,
    );
    return { ...job, own, stages: printed.stages };
  };
  const without = await night(false);
  const offering = await night(true);
  const { offers } = JSON.parse(readFileSync(join(folder, 'out-with/latest/manifest.json'), 'utf8'));
  const gap = (offers.bound - offers.worth) / offers.bound;
  const more = offering.peakBytes - without.peakBytes;
  const longer = offering.seconds - without.seconds;
  const secondsOf = ({ stages: all }: typeof without, name: string) => all.find((stage) => stage.name === name)?.seconds;
  const cell = (seconds: number | undefined) => (seconds === undefined ? '' : fixed(seconds, 1));
  record({
    title: 'A thousand capacities',
    about:
      'Six campaigns with one offer a customer in 1,000 overlapping capacities, against the same run without offers on the same generated bank of 430 products.',
    tables: [
      {
        caption: `${grouped(customers)} customers, seconds by the clock`,
        columns: ['what', 'without offers', 'with offers'],
        rows: [
          ...offering.stages.map(({ name, seconds }) => [name, cell(secondsOf(without, name)), cell(seconds)]),
          ['whole run', cell(without.seconds), cell(offering.seconds)],
          ['peak memory, GiB', fixed(without.peakBytes / 2 ** 30, 2), fixed(offering.peakBytes / 2 ** 30, 2)],
        ],
      },
    ],
    checks: [
      {
        text: `the stages of offers take ${offering.own.toFixed(1)} s, at most ${most.seconds}`,
        holds: offering.own <= most.seconds,
      },
      { text: `the whole run takes ${longer.toFixed(1)} s more, at most ${most.seconds}`, holds: longer <= most.seconds },
      {
        text: `peak memory is ${gibibytes(more)} above that without offers, at most ${gibibytes(most.bytes)}`,
        holds: more <= most.bytes,
      },
      {
        text: `gap to the bound ${(100 * gap).toFixed(4)} % with ${offers.capacities.length} capacities, at most ${100 * most.gap} %`,
        holds: gap <= most.gap,
      },
    ],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
  bank.remove();
}
