import { useEffect, useState } from 'preact/hooks';
import type { OwnCustomer, OwnReason } from '../engine/own-summary.ts';
import { chanceText, filled, usePage } from './context.ts';
import type { Texts } from './english.ts';
import { FailureNotice } from './progress.tsx';

/** Holdings and list of one customer, with a field for choosing another. The first customer is shown at the start. */
export function OwnCustomerList({ customers }: { customers: number }) {
  const { engine, t } = usePage();
  const [wanted, setWanted] = useState<{ customer: number } | { id: string }>({ customer: 0 });
  const [shown, setFound] = useState<OwnCustomer | null | undefined>(undefined);
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let current = true;
    engine.run('customer', wanted).then(
      (customer) => {
        if (!current) return;
        setFound(customer);
        setError(null);
        if (customer) setText(customer.id);
      },
      (reason) => current && setError(reason),
    );
    return () => {
      current = false;
    };
  }, [engine, wanted]);
  const step = (by: number) => setWanted({ customer: ((shown?.row ?? 0) + by + customers) % customers });
  return (
    <div class="one-customer">
      <h3>{t.own.oneCustomer}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setWanted({ id: text.trim() });
        }}
      >
        <label>
          <span>{t.own.id}</span>
          <input value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button type="submit">{t.own.show}</button>
        <button type="button" class="quiet" onClick={() => step(-1)}>
          {t.own.previous}
        </button>
        <button type="button" class="quiet" onClick={() => step(1)}>
          {t.own.next}
        </button>
      </form>
      <div aria-live="polite">
        {error !== null && <FailureNotice error={error} />}
        {shown === null && <p class="note">{t.own.unknown}</p>}
        {shown && <Found customer={shown} />}
      </div>
    </div>
  );
}

function Found({ customer: { holds, list, isOfNext } }: { customer: OwnCustomer }) {
  const { t } = usePage();
  const held = holds.map(({ name, since }) => {
    return since === null ? name : `${name} (${new Date(since * 86_400_000).toISOString().slice(0, 10)})`;
  });
  return (
    <>
      <h4>{t.own.holdsNow}</h4>
      <p>{held.join(', ') || t.own.nothing}</p>
      <h4>{t.own.list}</h4>
      {list.length === 0 && <p class="note">{t.own.noList}</p>}
      <ol class="recommendations own-list">
        {list.map(({ code, name, score, probability, reason }, rank) => (
          <li key={code} data-product={code} data-score={score} data-probability={probability}>
            <div class="head">
              <span class="rank" aria-hidden="true">
                {rank + 1}
              </span>
              <span class="name">
                {name}
                <small>
                  {name === code ? '' : `${code} · `}
                  {becauseText(reason, t)}
                </small>
              </span>
              {probability !== null && (
                <span class="score">
                  {chanceText(probability)} <small>{isOfNext ? t.own.nextProduct : t.own.probability}</small>
                </span>
              )}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

function becauseText(reason: OwnReason['holds'], t: Texts): string {
  if (reason === null) return t.own.becausePopular;
  return typeof reason === 'string' ? t.own[reason] : filled(t.own.because, { name: reason.name });
}
