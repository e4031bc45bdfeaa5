import { plainLine } from '@basketwise/core/base';
import type { JobListener, StageState } from '@basketwise/pipeline';
import type { Terminal } from './terminal.ts';

/** Display of a job's progress on stderr. */
export interface ProgressDisplay {
  listener: JobListener;
  /** Ends the display, so that it does not overwrite later output. */
  close(): Promise<void>;
}

/** Opens a display: on a terminal a list of stages that is updated in place, elsewhere plain lines. */
export async function openProgress(stages: readonly string[], terminal: Terminal): Promise<ProgressDisplay> {
  // listr2 draws only if stdout is a terminal, too.
  const isTerminal = terminal.isInteractive && !process.env.CI && process.env.TERM !== 'dumb';
  return isTerminal ? openList(stages) : plainLines(terminal);
}

function stageText({ name, status, from, seconds, peakMemory }: StageState): string {
  if (status === 'skipped') return `${name}: unchanged, skipped`;
  if (status === 'taken') return `${name}: taken from run ${from}`;
  if (status === 'running') return `${name} ...`;
  return `${name}: ${status} in ${seconds.toFixed(1)} s, peak memory ${peakMemory} MiB`;
}

function plainLines({ say }: Terminal): ProgressDisplay {
  return {
    listener: { stage: (stage) => say(`${stageText(stage)}\n`) },
    close: async () => {},
  };
}

/** A stage whose task waits until the stage ends. */
interface WaitingStage {
  settle: (stage: StageState | undefined) => void;
  show: (text: string) => void;
}

/** The used part of a task of listr2. */
interface ListedTask {
  title: string;
  output: string;
  skip(text: string): void;
}

/** State of the list. `waiting`: stages whose task waits for their end. `ended`: stages that ended before their task began. */
interface ListedStages {
  waiting: Map<string, WaitingStage>;
  ended: Map<string, StageState>;
}

/**
 * Waits until the stage of a task has ended. Returns at once if it has.
 * @throws Error if the stage failed
 */
function awaitStage(name: string, task: ListedTask, { waiting, ended }: ListedStages): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const settle = (stage: StageState | undefined) => {
      if (stage?.status === 'skipped' || stage?.status === 'taken') task.skip(stageText(stage));
      else if (stage) task.title = stageText(stage);
      if (stage?.status === 'failed' || !stage) reject(new Error(name));
      else resolve();
    };
    waiting.set(name, {
      settle,
      show: (text) => {
        task.output = text;
      },
    });
    const ending = ended.get(name);
    if (ending) settle(ending);
  });
}

async function openList(stages: readonly string[]): Promise<ProgressDisplay> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  // The list is progress, and stdout is reserved for data.
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const listed: ListedStages = { waiting: new Map(), ended: new Map() };
  const { waiting, ended } = listed;
  let current = '';
  const list = new Listr(
    stages.map((name) => ({ title: name, task: (_: unknown, task: ListedTask) => awaitStage(name, task, listed) })),
    { exitOnError: true, concurrent: false, rendererOptions: { logger }, registerSignalListeners: false },
  );
  const running = list.run().catch(() => {});
  return {
    listener: {
      stage: (stage) => {
        current = stage.name;
        if (stage.status === 'running') return;
        const task = waiting.get(stage.name);
        if (task) task.settle({ ...stage });
        else ended.set(stage.name, { ...stage });
      },
      step: (text) => waiting.get(current)?.show(plainLine(text)),
    },
    close: async () => {
      for (const { settle } of waiting.values()) settle(undefined);
      await running;
    },
  };
}
