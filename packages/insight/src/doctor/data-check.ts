import type { PlainDate } from '@basketwise/core/parts';
import { type DataFault, type DataFaults, findDataFaults } from '@basketwise/data';
import { percent } from '@basketwise/data/published';
import type { Settings } from '@basketwise/pipeline';
import { exitCodes } from '@basketwise/pipeline/exit-codes';
import { featureDates, requestTo, type Source } from '@basketwise/pipeline/parts';
import { type Check, found } from './check.ts';

/** Reference date if the config has none. No holding is later. */
export const lastDate = '9999-12-30' as PlainDate;

/** Reads the data of a config as a run does, and returns all faults in them. */
export async function checkData(source: Source, { config }: Settings): Promise<{ checks: Check[]; data: DataFaults }> {
  const date = config.reference_date ?? lastDate;
  const request = requestTo(source, config, date, { dates: featureDates(config, date), tableDate: date, kept: [] });
  const data = await findDataFaults(source.engine, request);
  const checks = data.faults.map((fault) => checkOf(fault, config.guards));
  if (config.reference_date === undefined)
    checks.unshift(
      found('reference_date', 'not set: a run needs it, or --reference-date', 'Set the day that the tables are of.'),
    );
  return { checks, data };
}

function checkOf(fault: DataFault, guards: Settings['config']['guards']): Check {
  const { table, what, rows, examples, effect, code, hint, guard } = fault;
  const more = rows !== null && rows > examples.length ? ', ...' : '';
  const where = examples.length === 0 ? '' : ` (row ${examples.join(', ')}${more})`;
  const share = guard && `, ${percent(guard.share)}`;
  const isOver = guard !== undefined && guard.share > guards[guard.name];
  const limit = isOver ? `; guards.${guard.name} is ${percent(guards[guard.name])}` : '';
  const isStop = effect === 'stops' || isOver;
  const text = `${what}${share ?? ''}${where}${limit}${effect === 'left out' && !isStop ? ': left out' : ''}`;
  return { name: table, status: isStop ? 'failed' : 'warning', text, hint, exitCode: isStop ? exitCodes[code] : 0 };
}
