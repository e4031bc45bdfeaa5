import { useState } from 'preact/hooks';
import { isComplete } from '../engine/column-doubts.ts';
import { holdingRoles } from '../engine/column-roles.ts';
import type { ScoreSummary, TaskStage } from '../engine/protocol.ts';
import type { ChosenColumns, ChosenFile } from '../engine/seen-file.ts';
import { ColumnChoice, ExampleFiles } from './column-choice.tsx';
import { filled, formatted, usePage } from './context.ts';
import { FileDrop, tableFileTypes } from './file-drop.tsx';
import { FailureNotice, type StageShares, TaskProgress } from './progress.tsx';
import { ScoreResult } from './score-result.tsx';
import { CampaignFields, firstChoice } from './settings.tsx';

type State =
  | { name: 'idle' }
  | { name: 'running'; stage: TaskStage; share: number }
  | { name: 'done'; summary: ScoreSummary }
  | { name: 'failed'; error: unknown };

/** Start and share of each stage in the total progress, 0 to 1. Reading is assumed to take most of the time. */
const stageShares: StageShares = { read: [0, 0.7], baskets: [0.7, 0.2], score: [0.9, 0.1] };
const counts = [100_000, 1_000_000, 3_000_000];

/** Second view: scoring the customers of a file, or generated customers. */
export function Scoring({ base }: { base: string }) {
  const { bank, engine, language, t } = usePage();
  const [chosen, setChosen] = useState<ChosenFile | null>(null);
  const [choice, setChoice] = useState(() => firstChoice(bank));
  const [count, setCount] = useState(1_000_000);
  const [state, setState] = useState<State>({ name: 'idle' });
  const running = state.name === 'running';

  /** Runs a task and shows its error if it fails. */
  async function work(what: () => Promise<State>) {
    setState({ name: 'running', stage: 'read', share: 0 });
    setState(await what().catch((error): State => ({ name: 'failed', error })));
  }

  const drop = (dropped: File | Promise<File>) =>
    work(async () => {
      setChosen(null);
      const file = await dropped;
      const seen = await engine.run('see', { file, as: 'sample' });
      setChosen({ file, seen, roles: seen.roles });
      return { name: 'idle' };
    });

  const score = (source: ChosenColumns | { generate: number }) =>
    work(async () => {
      const input = { campaign: choice.campaign.name, cluster: choice.cluster, n: choice.n, source };
      const summary = await engine.run('score', input, (stage, share) => setState({ name: 'running', stage, share }));
      return { name: 'done', summary };
    });

  async function stop() {
    engine.restart();
    setState({ name: 'idle' });
    await engine.run('open', { base }).catch((error) => setState({ name: 'failed', error }));
  }

  const threads = globalThis.crossOriginIsolated ? filled(t.threads, { count: navigator.hardwareConcurrency }) : t.oneThread;
  return (
    <section class="panel scoring" aria-label={t.scoreMany}>
      <h2>{t.scoreMany}</h2>
      <p>{filled(t.manyIntro, { threads })}</p>
      <CampaignFields choice={choice} onChange={setChoice} />
      <FileDrop accept={tableFileTypes} disabled={running} onFile={drop}>
        <p class="hint">{t.fileHelp}</p>
        <ExampleFiles disabled={running} onFile={drop} />
      </FileDrop>
      {chosen && (
        <div class="settings">
          <p class="hint">{t.columns.ask}</p>
          <ColumnChoice {...{ chosen, roles: holdingRoles, disabled: running }} onChange={setChosen} />
          <button
            type="button"
            class="strong"
            disabled={running || !isComplete(chosen.roles, holdingRoles)}
            onClick={() => score({ file: chosen.file, roles: chosen.roles })}
          >
            {t.scoreFile}
          </button>
        </div>
      )}
      <div class="generate">
        <label>
          <span>{t.customersCount}</span>
          <select value={String(count)} disabled={running} onChange={(event) => setCount(Number(event.currentTarget.value))}>
            {counts.map((number) => (
              <option value={String(number)} key={number}>
                {formatted(number, language)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="strong" disabled={running} onClick={() => score({ generate: count })}>
          {filled(t.generate, { count: formatted(count, language) })}
        </button>
      </div>
      <div aria-live="polite">
        {state.name === 'running' && <TaskProgress shares={stageShares} stage={state.stage} share={state.share} onStop={stop} />}
        {state.name === 'failed' && <FailureNotice error={state.error} />}
        {state.name === 'done' && <ScoreResult summary={state.summary} campaign={choice.campaign.name} />}
      </div>
    </section>
  );
}
