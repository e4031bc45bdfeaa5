import { useState } from 'preact/hooks';
import type { ScoreSummary, TaskStage } from '../engine/protocol.ts';
import { formatted, usePage } from './context.ts';
import { FileDrop, tableFileTypes } from './file-drop.tsx';
import { FailureNotice, type StageShares, TaskProgress } from './progress.tsx';
import { ScoreResult } from './score-result.tsx';
import { CampaignFields, firstChoice } from './settings.tsx';
import { filled } from './texts.ts';

type State =
  | { name: 'idle' }
  | { name: 'running'; stage: TaskStage; share: number }
  | { name: 'done'; summary: ScoreSummary }
  | { name: 'failed'; error: unknown };

/** Part of each stage in the whole work. Reading is assumed to take most of it. */
const stageShares: StageShares = { read: [0, 0.7], baskets: [0.7, 0.2], score: [0.9, 0.1] };
const counts = [100_000, 1_000_000, 3_000_000];

/** Second view: a file, or generated customers. */
export function Scoring({ base }: { base: string }) {
  const { bank, engine, language, t } = usePage();
  const [choice, setChoice] = useState(() => firstChoice(bank));
  const [count, setCount] = useState(1_000_000);
  const [state, setState] = useState<State>({ name: 'idle' });
  const running = state.name === 'running';

  async function score(source: File | { generate: number }) {
    setState({ name: 'running', stage: 'read', share: 0 });
    try {
      const input = { campaign: choice.campaign.name, cluster: choice.cluster, n: choice.n, source };
      const summary = await engine.run('score', input, (stage, share) => setState({ name: 'running', stage, share }));
      setState({ name: 'done', summary });
    } catch (error) {
      setState({ name: 'failed', error });
    }
  }

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
      <FileDrop accept={tableFileTypes} disabled={running} onFile={score}>
        <p class="hint">{t.fileHelp}</p>
        <ExampleFile />
      </FileDrop>
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

/** Small file in the bank's own columns, as an example to drop. */
function ExampleFile() {
  const { bank, t } = usePage();
  const rows = Array.from({ length: 200 }, (_, i) => {
    const product = bank.products[(i * i) % Math.min(40, bank.products.length)]!;
    return `${String(90_000_001 + Math.floor(i / 2)).padStart(10, '0')},${product.name},${i % 3 === 0 ? '2022-06-15' : '2019-03-04'}`;
  });
  const text = `\uFEFFcsno,gds_korn_nm,open_dt\n${rows.join('\n')}\n`;
  return (
    <a class="quiet" download="holdings-example.csv" href={`data:text/csv;charset=utf-8,${encodeURIComponent(text)}`}>
      {t.exampleFile}
    </a>
  );
}
