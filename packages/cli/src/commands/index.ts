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

/** Commands by the work that they are for, in the order of `--help`, with an example. To add a command, add a file here and a line to a group. */
export const commandGroups: readonly {
  heading: string;
  example: string;
  commands: readonly ((program: Command, terminal: Terminal) => void)[];
}[] = [
  {
    heading: 'Every night',
    example: 'run --reference-date yesterday',
    commands: [registerRun, registerRuns, registerReport, registerCompare, registerRollback],
  },
  {
    heading: 'Set up',
    example: 'init data',
    commands: [registerInit, registerDoctor, registerSample, registerWorkTables],
  },
  {
    heading: 'Understand',
    example: 'explain 0000000058',
    commands: [
      registerExplain,
      registerProfile,
      registerCluster,
      registerSegment,
      registerRules,
      registerSimilar,
      registerEvaluate,
      registerTune,
    ],
  },
  { heading: 'Offers', example: 'outcomes', commands: [registerOutcomes] },
  {
    heading: 'Audit',
    example: 'archive --to month.tar',
    commands: [
      registerValidate,
      registerArchive,
      registerVerify,
      registerReplay,
      registerForget,
      registerApprove,
      registerReject,
      registerRelease,
      registerStop,
      registerResume,
      registerJournal,
    ],
  },
];
