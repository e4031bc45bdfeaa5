import type { Source } from '../drivers/driver.ts';
import type { RunContext } from './run-context.ts';
import type { RunPlan } from './run-plan.ts';
import type { Site } from './site.ts';

/** Run in progress: its plan, its resources, the site of its customers, and the source of the bank's tables. */
export interface Night {
  plan: RunPlan;
  context: RunContext;
  site: Site;
  source: Source;
  /** Whether to continue although a guard would stop the run. */
  acceptDrop: boolean;
  /** Whether the run makes lists, not only clusters and segments. */
  makesLists: boolean;
}
