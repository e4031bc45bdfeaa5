import { useState } from 'preact/hooks';
import type { OwnSummary } from '../engine/own-summary.ts';
import type { OwnFacts, TaskStage } from '../engine/protocol.ts';
import type { ChosenFile } from '../engine/seen-file.ts';
import type { OwnCampaign } from '../engine/train-own.ts';
import { ExampleFiles } from './column-choice.tsx';
import { usePage } from './context.ts';
import { FileDrop, tableFileTypes } from './file-drop.tsx';
import { type Beside, type OwnChoice, type SeeBeside, seenBeside, withHoldings } from './own-choice.ts';
import { OwnResult } from './own-result.tsx';
import { OwnSettings, ownCampaigns } from './own-settings.tsx';
import { FailureNotice, type StageShares, TaskProgress } from './progress.tsx';

type State =
  | { name: 'idle' }
  | { name: 'running'; stage: TaskStage; share: number }
  | { name: 'done'; summary: OwnSummary }
  | { name: 'failed'; error: unknown };

/** Start and share of each stage in the total progress, 0 to 1. */
const stageShares: StageShares = {
  read: [0, 0.15],
  learn: [0.15, 0.55],
  train: [0.7, 0.1],
  calibrate: [0.8, 0.12],
  list: [0.92, 0.08],
};

/** Third view: training on the user's own bank. */
export function Own({ base }: { base: string }) {
  const { engine, t } = usePage();
  const [choice, setChoice] = useState<OwnChoice | null>(null);
  const [facts, setFacts] = useState<OwnFacts | null>(null);
  const [state, setState] = useState<State>({ name: 'idle' });
  const running = state.name === 'running';
  const onStage = (stage: TaskStage, share: number) => setState({ name: 'running', stage, share });

  /** Runs a task and shows its error if it fails. */
  async function work(what: () => Promise<void>) {
    setState({ name: 'running', stage: 'read', share: 0 });
    try {
      await what();
    } catch (error) {
      setState({ name: 'failed', error });
    }
  }

  const drop = (dropped: File | Promise<File>) =>
    work(async () => {
      setFacts(null);
      const file = await dropped;
      const seen = await engine.run('see', { file, as: 'holdings' });
      const holdings = { file, seen, roles: seen.roles };
      setChoice({ holdings, products: null, customers: null, date: null, campaign: null });
      setState({ name: 'idle' });
    });

  const see: SeeBeside = (request) => engine.run('see', request);

  const addBeside = (before: OwnChoice, files: readonly [Beside, File][]) =>
    work(async () => {
      const inspections = files.map(
        async ([which, file]) => [which, await seenBeside(see, before.holdings, which, file)] as const,
      );
      const seen = Object.fromEntries(await Promise.all(inspections));
      setFacts(null);
      setChoice({ ...before, ...seen });
      setState({ name: 'idle' });
    });

  function changeHoldings(before: OwnChoice, holdings: ChosenFile) {
    const { choice: next, toInspect } = withHoldings(before, holdings);
    setFacts(null);
    setChoice(next);
    if (toInspect.length > 0) addBeside(next, toInspect);
  }

  async function train(wanted: OwnChoice) {
    const { holdings, products, customers } = wanted;
    let currentFacts = facts;
    let { campaign } = wanted;
    if (!currentFacts) {
      currentFacts = await engine.run('read', { holdings, products, customers }, onStage);
      setFacts(currentFacts);
      if (!ownCampaigns(currentFacts).some((one) => isSameCampaign(one, campaign))) campaign = ownCampaigns(currentFacts)[0]!;
      setChoice({ ...wanted, campaign });
    }
    const summary = await engine.run(
      'train',
      { campaign: campaign!, date: currentFacts.lastDate && (wanted.date ?? currentFacts.lastDate) },
      onStage,
    );
    setState({ name: 'done', summary });
  }

  async function stop() {
    engine.restart();
    setFacts(null);
    setState({ name: 'idle' });
    await engine.run('open', { base }).catch((error) => setState({ name: 'failed', error }));
  }

  return (
    <section class="panel own" aria-label={t.trainOwn}>
      <h2>{t.trainOwn}</h2>
      <p class="intro">{t.own.intro}</p>
      <FileDrop accept={tableFileTypes} disabled={running} onFile={drop}>
        <p class="hint">{t.own.help}</p>
        <ExampleFiles disabled={running} onFile={drop} />
      </FileDrop>
      {choice && (
        <OwnSettings
          {...{ choice, facts, disabled: running }}
          onChange={(next, isNew) => {
            setChoice(next);
            if (isNew) setFacts(null);
          }}
          onHoldings={(holdings) => changeHoldings(choice, holdings)}
          onBeside={(which, file) => addBeside(choice, [[which, file]])}
          onTrain={() => work(() => train(choice))}
        />
      )}
      <div aria-live="polite">
        {state.name === 'running' && <TaskProgress shares={stageShares} stage={state.stage} share={state.share} onStop={stop} />}
        {state.name === 'failed' && <FailureNotice error={state.error} />}
      </div>
      {state.name === 'done' && <OwnResult summary={state.summary} />}
    </section>
  );
}

function isSameCampaign(a: OwnCampaign, b: OwnCampaign | null): boolean {
  return a.kind === b?.kind && a.class === b.class;
}
