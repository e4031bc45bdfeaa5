import { TaskError } from '../engine/client.ts';
import type { TaskStage } from '../engine/protocol.ts';
import { taskProblem, usePage } from './context.ts';

/** Start and share of each stage in the total progress, 0 to 1. */
export type StageShares = Partial<Record<TaskStage, readonly [from: number, part: number]>>;

interface ProgressProps {
  shares: StageShares;
  stage: TaskStage;
  share: number;
  onStop: () => void;
}

/** Progress bar of a long task, with a button that ends the task. */
export function TaskProgress({ shares, stage, share, onStop }: ProgressProps) {
  const { t } = usePage();
  const [from, part] = shares[stage] ?? [0, 0];
  return (
    <div class="progress">
      <label>
        <span>{t.stages[stage]}</span>
        <progress max={1} value={from + part * share} />
      </label>
      <button type="button" class="quiet" onClick={onStop}>
        {t.cancel}
      </button>
    </div>
  );
}

/** Message of an error, with a hint on how to correct it. */
export function FailureNotice({ error }: { error: unknown }) {
  const { language, t } = usePage();
  const { message, hint } = taskProblem(error, language);
  return (
    <div class="problem" role="alert" data-problem={error instanceof TaskError ? error.failure.key : null}>
      <strong>{t.failed}</strong> {message} {hint}
    </div>
  );
}
