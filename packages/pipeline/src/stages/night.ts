import type { Source } from '../drivers/driver.ts';
import type { RunContext } from './run-context.ts';
import type { RunPlan } from './run-plan.ts';
import type { Site } from './site.ts';

/** A run under way: its plan, its tools, where its customers are, and the bank's tables. */
export interface Night {
  plan: RunPlan;
  context: RunContext;
  site: Site;
  source: Source;
  /** Go on where a guard would stop the run. */
  acceptDrop: boolean;
}
