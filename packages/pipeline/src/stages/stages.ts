import { isPushdown } from '../drivers/drivers.ts';
import { calibrate } from './calibrate.ts';
import { choose } from './choose.ts';
import { cluster } from './cluster.ts';
import { decide } from './decide.ts';
import { extract } from './extract.ts';
import { features } from './features.ts';
import { outcomes } from './outcomes.ts';
import { publish } from './publish.ts';
import { publications } from './publish-to.ts';
import { report } from './report.ts';
import { segment } from './segment.ts';
import type { AnyStage, Stage } from './stage.ts';
import { train } from './train.ts';

/** Stage that fetches the baskets of all customers, which the server groups. Only with pushdown. */
const baskets: Stage<unknown> = {
  name: 'baskets',
  when: isPushdown,
  work: ({ site }, results) => site.baskets!(results.of(cluster).summary),
};

/** Stages of the job, in order. */
export const stages: readonly AnyStage[] = [
  extract,
  features,
  segment,
  cluster,
  baskets,
  choose,
  train,
  calibrate,
  publish,
  decide,
  outcomes,
  ...publications,
  report,
];
