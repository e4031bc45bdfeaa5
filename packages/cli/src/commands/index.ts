import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { registerArchive, registerReplay, registerVerify } from './archive.ts';
import { registerCluster, registerSegment } from './cluster.ts';
import { registerDoctor } from './doctor.ts';
import { registerEvaluate } from './evaluate.ts';
import { registerExplain } from './explain.ts';
import { registerForget } from './forget.ts';
import { registerInit } from './init.ts';
import { registerOutcomes } from './outcomes.ts';
import { registerRules, registerSimilar } from './products.ts';
import { registerProfile } from './profile.ts';
import { registerApprove, registerJournal, registerReject, registerRelease, registerResume, registerStop } from './release.ts';
import { registerRun } from './run.ts';
import { registerCompare, registerReport, registerRollback, registerRuns } from './runs.ts';
import { registerSample } from './sample.ts';
import { registerTune } from './tune.ts';
import { registerValidate } from './validate.ts';
import { registerWorkTables } from './work-tables.ts';

/**
 * Functions that register the commands, in the order of `--help`. To add a command, add a file to this folder and a line to this
 * list.
 */
export const commands: readonly ((program: Command, terminal: Terminal) => void)[] = [
  registerRun,
  registerDoctor,
  registerInit,
  registerSample,
  registerProfile,
  registerCluster,
  registerSegment,
  registerEvaluate,
  registerTune,
  registerValidate,
  registerReport,
  registerRuns,
  registerCompare,
  registerOutcomes,
  registerExplain,
  registerRules,
  registerSimilar,
  registerRollback,
  registerApprove,
  registerReject,
  registerRelease,
  registerStop,
  registerResume,
  registerJournal,
  registerArchive,
  registerVerify,
  registerReplay,
  registerForget,
  registerWorkTables,
];
