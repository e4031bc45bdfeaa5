import { required } from '@basketwise/core';
import { isColumn } from '@basketwise/recommend';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { BankExample, Holding, Sharing } from '../engine/bank.ts';
import type { CustomerRecommendation } from '../engine/recommend.ts';
import { BasketEditor, type WhatIfHolding } from './basket.tsx';
import { featureName, filled, formatted, levelLabel, taskProblem, usePage } from './context.ts';

import { ProductSearch } from './product-search.tsx';
import { RecommendationList } from './recommendations.tsx';
import { CampaignFields, firstChoice, type PageCampaign, Switch } from './settings.tsx';

/** Smallest number of customers that is shown as a number. */
const fewest = 10;

interface ExplorerAnswer {
  list: readonly CustomerRecommendation[];
  /** List with all holdings. Null if no holding is switched off. */
  before: readonly CustomerRecommendation[] | null;
  sharing: Sharing;
}

const plain = (holdings: readonly WhatIfHolding[]): Holding[] => holdings.map(({ key, band }) => ({ key, band }));

/** First view: recommendations for one customer. */
export function Explorer() {
  const { bank, engine, language, t } = usePage();
  const example = bank.examples[1]!;
  const [holdings, setHoldings] = useState<WhatIfHolding[]>(() => heldBy(example));
  const [levels, setLevels] = useState(example.levels);
  const [choice, setChoice] = useState(() => choiceFor(example, firstChoice(bank)));
  const [onlyOnSale, setOnlyOnSale] = useState(true);
  const [failing, setFailing] = useState<ReadonlySet<string>>(new Set());
  const [answer, setAnswer] = useState<ExplorerAnswer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const held = useMemo(() => new Set(holdings.map(({ key }) => key)), [holdings]);
  useEffect(() => {
    let current = true;
    const ask = (counted: readonly WhatIfHolding[]) =>
      engine.run('recommend', {
        ...{ campaign: choice.campaign.name, cluster: choice.cluster, n: choice.n },
        ...{ holdings: plain(counted), levels, onlyOnSale },
      });
    const counted = holdings.filter((holding) => holding.counted);
    const asked = [ask(counted), ...(counted.length < holdings.length ? [ask(holdings)] : [])];
    Promise.all(asked).then(
      ([now, before]) => {
        if (!current) return;
        setAnswer({ list: now!.list, before: before?.list ?? null, sharing: now!.sharing });
        setError(null);
      },
      (reason) => current && setError(reason),
    );
    return () => {
      current = false;
    };
  }, [engine, holdings, levels, choice, onlyOnSale]);
  const excluded = bank.rules.find(
    ({ reason, class: of }) => failing.has(reason) && (of === null || of === choice.campaign.class),
  );
  const problem = error === null ? null : taskProblem(error, language);
  return (
    <div class="explorer">
      <section class="panel" aria-labelledby="basket-title">
        <h2 id="basket-title">{t.basket}</h2>
        <ProductSearch held={held} onPick={(key) => setHoldings([...holdings, { key, band: 0, counted: true }])} />
        {holdings.length === 0 ? (
          <Examples
            onPick={(picked) => {
              setHoldings(heldBy(picked));
              setLevels(picked.levels);
              setChoice(choiceFor(picked, choice));
            }}
          />
        ) : (
          <>
            <BasketEditor holdings={holdings} used={choice.campaign.columns} onChange={setHoldings} />
            <button type="button" class="quiet" onClick={() => setHoldings([])}>
              {t.clear}
            </button>
          </>
        )}
        <LevelFields levels={levels} onChange={setLevels} />
        <h2>{t.settings}</h2>
        <CampaignFields choice={choice} onChange={setChoice} />
        <Switch label={t.onlyOnSale} checked={onlyOnSale} onChange={setOnlyOnSale} />
        {bank.rules.map(({ reason }) => (
          <Switch
            key={reason}
            label={reason.startsWith('AGE') ? t.adult : reason.includes('CONSENT') ? t.consent : reason}
            checked={!failing.has(reason)}
            onChange={(passes) => {
              const next = new Set(failing);
              if (passes) next.delete(reason);
              else next.add(reason);
              setFailing(next);
            }}
          />
        ))}
      </section>
      <section class="panel" aria-labelledby="list-title" aria-live="polite">
        <h2 id="list-title">{t.recommended}</h2>
        {problem && (
          <div class="problem" role="alert">
            <strong>{t.failed}</strong> {problem.message} {problem.hint}
          </div>
        )}
        <Notes holdings={holdings} kind={choice.campaign.kind} of={choice.campaign.class} columns={choice.campaign.columns} />
        {excluded && <p class="note">{filled(t.suppressed, { reason: excluded.reason })}</p>}
        {answer && !excluded && (answer.list.length === 0 ? <p class="note">{t.nothing}</p> : <RecommendationList {...answer} />)}
        <p class="hint">{t.how}</p>
        {answer && <Like sharing={answer.sharing} />}
      </section>
    </div>
  );
}

/** Notes on the list, for customers who are no targets or hold nothing of the campaign's classes. */
function Notes(props: { holdings: readonly WhatIfHolding[]; kind: 'upsell' | 'cross'; of: string; columns: readonly string[] }) {
  const { products, t } = usePage();
  const classes = props.holdings.filter(({ counted }) => counted).map(({ key }) => required(products, key).class);
  const holds = classes.includes(props.of);
  const name = t.classes[props.of] ?? props.of;
  return (
    <>
      {props.kind === 'upsell' && !holds && classes.length > 0 && (
        <p class="note">{filled(t.notTargetUpsell, { class: name })}</p>
      )}
      {props.kind === 'cross' && holds && <p class="note">{filled(t.notTargetCross, { class: name })}</p>}
      {!classes.some((of) => props.columns.includes(of)) && <p class="note">{t.fromBaseline}</p>}
    </>
  );
}

const heldBy = ({ holdings }: BankExample): WhatIfHolding[] => holdings.map((holding) => ({ ...holding, counted: true }));

/** Campaign choice with the example customer's cluster. */
function choiceFor({ clusters }: BankExample, choice: PageCampaign): PageCampaign {
  const cluster = choice.campaign.scheme === null ? -1 : (clusters[choice.campaign.scheme] ?? -1);
  return { ...choice, cluster: cluster < 0 ? null : cluster };
}

function Examples({ onPick }: { onPick: (example: BankExample) => void }) {
  const { bank, t } = usePage();
  return (
    <div class="examples">
      <p class="hint">{t.emptyBasket}</p>
      {bank.examples.map((example, i) => (
        <button type="button" class="quiet" key={String(i)} onClick={() => onPick(example)}>
          {t.example} {i + 1}
        </button>
      ))}
    </div>
  );
}

interface LevelFieldsProps {
  levels: Readonly<Record<string, string>>;
  onChange: (levels: Readonly<Record<string, string>>) => void;
}

/** Fields for the customer's levels of all features except crossings. */
function LevelFields({ levels, onChange }: LevelFieldsProps) {
  const { bank, t } = usePage();
  return (
    <div class="fields levels">
      {bank.features.filter(isColumn).map(({ name, levels: all }) => (
        <label key={name}>
          <span>{featureName(name, t)}</span>
          <select
            value={levels[name] ?? all.at(-1)!}
            onChange={({ currentTarget: { value } }) => onChange({ ...levels, [name]: value })}
          >
            {all.map((level) => (
              <option value={level} key={level}>
                {levelLabel(name, level, t)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}

/** Numbers of customers of the sample bank with a similar basket. */
function Like({ sharing }: { sharing: Sharing }) {
  const { bank, language, t } = usePage();
  const shown = (count: number) => (count < fewest ? t.fewer : formatted(count, language));
  return (
    <div class="like">
      <h3>{t.like}</h3>
      <dl>
        <div>
          <dt>{t.likeSame}</dt>
          <dd>{shown(sharing.same)}</dd>
        </div>
        <div>
          <dt>{t.likeBands}</dt>
          <dd>{shown(sharing.sameBands)}</dd>
        </div>
        <div>
          <dt>{t.likeMore}</dt>
          <dd>{shown(sharing.more)}</dd>
        </div>
      </dl>
      <p class="hint">{filled(t.ofCustomers, { count: formatted(bank.customers, language) })}</p>
    </div>
  );
}
