import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { registerApprove } from './approve.ts';
import { registerArchive } from './archive.ts';
import { registerCluster } from './cluster.ts';
import { registerCompare } from './compare.ts';
import { registerCompletion } from './completion.ts';
import { registerDoctor } from './doctor.ts';
import { registerEvaluate } from './evaluate.ts';
import { registerExplain } from './explain.ts';
import { registerForget } from './forget.ts';
import { registerInit } from './init.ts';
import { registerJournal } from './journal.ts';
import { registerMan } from './man.ts';
import { registerOutcomes } from './outcomes.ts';
import { registerProfile } from './profile.ts';
import { registerReject } from './reject.ts';
import { registerRelease } from './release.ts';
import { registerReplay } from './replay.ts';
import { registerReport } from './report.ts';
import { registerResume } from './resume.ts';
import { registerRollback } from './rollback.ts';
import { registerRules } from './rules.ts';
import { registerRun } from './run.ts';
import { registerRuns } from './runs.ts';
import { registerSample } from './sample.ts';
import { registerSegment } from './segment.ts';
import { registerSimilar } from './similar.ts';
import { registerStop } from './stop.ts';
import { registerTune } from './tune.ts';
import { registerValidate } from './validate.ts';
import { registerVerify } from './verify.ts';
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
  registerCompletion,
  registerMan,
];
