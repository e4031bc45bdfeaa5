import { isPushdown } from '../drivers/drivers.ts';
import { cluster } from './cluster.ts';
import type { Stage } from './stage.ts';

/** Stage that fetches the baskets of all customers, which the server groups. Only with pushdown. */
export const baskets: Stage<unknown> = {
  name: 'baskets',
  when: isPushdown,
  work: ({ site }, results) => site.baskets!(results.of(cluster).summary),
};
