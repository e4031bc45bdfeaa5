import type { Source } from '../drivers/driver.ts';
import type { RunContext } from './run-context.ts';
import type { RunPlan } from './run-plan.ts';
import type { Site } from './site.ts';

/** A running run: its plan, its resources, the location of its customers, and the bank's tables. */
export interface Night {
  plan: RunPlan;
  context: RunContext;
  site: Site;
  source: Source;
  /** Continue although a guard would stop the run. */
  acceptDrop: boolean;
  /** Lists are made: not only clusters and segments. */
  makesLists: boolean;
}
