import { useState } from 'preact/hooks';
import type { ColumnRoles } from '../engine/column-roles.ts';
import type { OwnSummary } from '../engine/own-summary.ts';
import type { OwnFacts, TaskStage } from '../engine/protocol.ts';
import type { SeenFile } from '../engine/read-own.ts';
import type { OwnCampaign } from '../engine/train-own.ts';
import { usePage } from './context.ts';
import { FileDrop, tableFileTypes } from './file-drop.tsx';
import { OwnResult } from './own-result.tsx';
import { type OwnChoice, OwnSettings, ownCampaigns } from './own-settings.tsx';
import { FailureNotice, type StageShares, TaskProgress } from './progress.tsx';

type State =
  | { name: 'idle' }
  | { name: 'running'; stage: TaskStage; share: number }
  | { name: 'done'; summary: OwnSummary }
  | { name: 'failed'; error: unknown };

/** Part of each stage in the whole work. */
const stageShares: StageShares = {
  read: [0, 0.15],
  learn: [0.15, 0.55],
  train: [0.7, 0.1],
  calibrate: [0.8, 0.12],
  list: [0.92, 0.08],
};

/** Third view: the person's own bank. */
export function Own({ base }: { base: string }) {
  const { engine, t } = usePage();
  const [seen, setSeen] = useState<SeenFile | null>(null);
  const [choice, setChoice] = useState<OwnChoice | null>(null);
  const [facts, setFacts] = useState<OwnFacts | null>(null);
  const [state, setState] = useState<State>({ name: 'idle' });
  const running = state.name === 'running';
  const onStage = (stage: TaskStage, share: number) => setState({ name: 'running', stage, share });

  /** Runs work, and shows its errors. */
  async function work(what: () => Promise<void>) {
    setState({ name: 'running', stage: 'read', share: 0 });
    try {
      await what();
    } catch (error) {
      setState({ name: 'failed', error });
    }
  }

  const drop = (file: File) =>
    work(async () => {
      setFacts(null);
      const found = await engine.run('see', { file });
      const fresh: OwnChoice = {
        holdings: file,
        roles: found.roles,
        products: null,
        customers: null,
        date: null,
        campaign: null,
      };
      setSeen(found);
      setChoice(fresh);
      if (isWhole(fresh.roles)) await train(fresh, true);
      else setState({ name: 'idle' });
    });

  async function train(wanted: OwnChoice, isNew: boolean) {
    const { holdings, roles, products, customers } = wanted;
    let known = facts;
    let { campaign, date } = wanted;
    if (isNew || !known) {
      known = await engine.run('read', { holdings, roles: roles as ColumnRoles, products, customers }, onStage);
      setFacts(known);
      if (!ownCampaigns(known).some((one) => isSameCampaign(one, campaign))) campaign = ownCampaigns(known)[0]!;
      if (isNew || known.lastDate === null) date = known.lastDate;
      setChoice({ ...wanted, campaign, date });
    }
    const summary = await engine.run('train', { campaign: campaign!, date: known.lastDate === null ? null : date }, onStage);
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
      </FileDrop>
      {seen && choice && (
        <OwnSettings
          {...{ seen, choice, facts, disabled: running, ready: isWhole(choice.roles) }}
          onChange={(next, isNew) => {
            setChoice(next);
            if (isNew) setFacts(null);
          }}
          onTrain={() => work(() => train(choice, facts === null))}
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

function isWhole({ customer, product }: SeenFile['roles']): boolean {
  return customer !== undefined && product !== undefined && customer !== product;
}

function isSameCampaign(a: OwnCampaign, b: OwnCampaign | null): boolean {
  return a.kind === b?.kind && a.class === b.class;
}
