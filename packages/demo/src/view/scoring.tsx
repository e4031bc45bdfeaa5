import { useState } from 'preact/hooks';
import { TaskError } from '../engine/client.ts';
import type { ScoreSummary } from '../engine/protocol.ts';
import type { ScoreStage } from '../engine/score-holdings.ts';
import { formatted, problemOf, usePage } from './context.ts';
import { ScoreResult } from './score-result.tsx';
import { allowedProducts, CampaignFields, firstChoice } from './settings.tsx';
import { filled } from './texts.ts';

type State =
  | { name: 'idle' }
  | { name: 'running'; stage: ScoreStage; share: number }
  | { name: 'done'; summary: ScoreSummary }
  | { name: 'failed'; error: unknown };

/** Shares of the whole work: reading is taken to be the most of it. */
const stageShare: Record<ScoreStage, [from: number, part: number]> = { read: [0, 0.7], baskets: [0.7, 0.2], score: [0.9, 0.1] };
const counts = [100_000, 1_000_000, 3_000_000];

/** The second view: a file, or generated customers. */
export function Scoring({ base }: { base: string }) {
  const { bank, engine, language, t } = usePage();
  const [choice, setChoice] = useState(() => firstChoice(bank));
  const [count, setCount] = useState(1_000_000);
  const [state, setState] = useState<State>({ name: 'idle' });
  const [isOver, setOver] = useState(false);
  const running = state.name === 'running';

  async function score(source: File | { generate: number }) {
    setState({ name: 'running', stage: 'read', share: 0 });
    try {
      const input = {
        ...{ campaign: choice.campaign.name, model: choice.model, n: choice.n, source },
        allowed: allowedProducts(bank, choice.campaign, true),
      };
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

  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file && !running) score(file);
  };
  const threads = globalThis.crossOriginIsolated ? filled(t.threads, { count: navigator.hardwareConcurrency }) : t.oneThread;
  return (
    <section class="panel scoring" aria-label={t.scoreMany}>
      <h2>{t.scoreMany}</h2>
      <p>{filled(t.manyIntro, { threads })}</p>
      <CampaignFields choice={choice} onChange={setChoice} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is for mice; the field inside is for everybody */}
      <div
        class={`drop ${isOver ? 'over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <p>{t.drop}</p>
        <label class="file">
          <span>{t.choose}</span>
          <input
            type="file"
            accept=".csv,.txt,.parquet,.arrow,.arrows,.feather"
            disabled={running}
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              event.currentTarget.value = '';
              if (file) score(file);
            }}
          />
        </label>
        <p class="hint">{t.fileHelp}</p>
        <ExampleFile />
      </div>
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
        {state.name === 'running' && <Progress stage={state.stage} share={state.share} onStop={stop} />}
        {state.name === 'failed' && <Problem error={state.error} />}
        {state.name === 'done' && <ScoreResult summary={state.summary} campaign={choice.campaign.name} />}
      </div>
    </section>
  );
}

function Progress({ stage, share, onStop }: { stage: ScoreStage; share: number; onStop: () => void }) {
  const { t } = usePage();
  const [from, part] = stageShare[stage];
  const label = { read: t.stageRead, baskets: t.stageBaskets, score: t.stageScore }[stage];
  return (
    <div class="progress">
      <label>
        <span>{label}</span>
        <progress max={1} value={from + part * share} />
      </label>
      <button type="button" class="quiet" onClick={onStop}>
        {t.cancel}
      </button>
    </div>
  );
}

function Problem({ error }: { error: unknown }) {
  const { language, t } = usePage();
  const { message, hint } = problemOf(error, language);
  return (
    <div class="problem" role="alert" data-problem={error instanceof TaskError ? error.failure.key : null}>
      <strong>{t.failed}</strong> {message} {hint}
    </div>
  );
}

/** A small file in the bank's own columns, to try the drop with. */
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
