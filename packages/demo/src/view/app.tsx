import { useEffect, useMemo, useState } from 'preact/hooks';
import type { DemoBank } from '../engine/bank.ts';
import { engine, type Language, PageContext, type PageState, taskProblem, texts } from './context.ts';
import { Explorer } from './explorer.tsx';
import { Own } from './own.tsx';
import { Scoring } from './scoring.tsx';

type Theme = 'auto' | 'light' | 'dark';
const views = ['explore', 'score', 'own'] as const;

type View = (typeof views)[number];

const urlQuery = new URLSearchParams(location.search);
/** URL of the folder with the sample bank's files, next to the page. */
const base = new URL('./bank/', location.href).href;

function firstLanguage(): Language {
  const wanted = urlQuery.get('lang') ?? navigator.language;
  return wanted.startsWith('ko') ? 'ko' : 'en';
}

/** Opens the sample bank when the component is mounted. Returns the bank, or the error. */
function useBank(): { bank: DemoBank | null; error: unknown } {
  const [state, setState] = useState<{ bank: DemoBank | null; error: unknown }>({ bank: null, error: null });
  useEffect(() => {
    engine.run('open', { base }).then(
      (bank) => setState({ bank, error: null }),
      (error) => setState({ bank: null, error }),
    );
  }, []);
  return state;
}

/** Root component: the whole page. */
export function App() {
  const [language, setLanguage] = useState(firstLanguage);
  const [theme, setTheme] = useState<Theme>((urlQuery.get('theme') as Theme | null) ?? 'auto');
  const [view, setView] = useState<View>(views.find((name) => name === urlQuery.get('view')) ?? 'explore');
  const { bank, error } = useBank();
  const t = texts[language];
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset.theme = theme;
  }, [language, theme]);
  const page = useMemo<PageState | null>(() => {
    return bank && { language, t, engine, bank, products: new Map(bank.products.map((product) => [product.key, product])) };
  }, [bank, language]);
  const problem = error === null ? null : taskProblem(error, language);
  return (
    <>
      <header>
        <div class="title">
          <h1>Basketwise</h1>
          <p>{t.subtitle}</p>
        </div>
        <div class="preferences">
          <label>
            <span>{t.language}</span>
            <select value={language} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
              <option value="en" lang="en">
                English
              </option>
              <option value="ko" lang="ko">
                한국어
              </option>
            </select>
          </label>
          <label>
            <span>{t.theme}</span>
            <select value={theme} onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
              <option value="auto">{t.themeAuto}</option>
              <option value="light">{t.themeLight}</option>
              <option value="dark">{t.themeDark}</option>
            </select>
          </label>
        </div>
      </header>
      <nav aria-label={t.tabs}>
        {views.map((name) => (
          <button type="button" aria-current={view === name ? 'page' : undefined} onClick={() => setView(name)} key={name}>
            {{ explore: t.explore, score: t.scoreMany, own: t.trainOwn }[name]}
          </button>
        ))}
        <p class="privacy">{t.privacy}</p>
      </nav>
      <main>
        {problem && (
          <div class="problem" role="alert">
            <strong>{t.failed}</strong> {problem.message} {problem.hint}
          </div>
        )}
        {!page && !problem && <p role="status">{t.loading}</p>}
        {page && (
          <PageContext.Provider value={page}>
            <div hidden={view !== 'explore'}>
              <Explorer />
            </div>
            <div hidden={view !== 'score'}>
              <Scoring base={base} />
            </div>
            <div hidden={view !== 'own'}>
              <Own base={base} />
            </div>
          </PageContext.Provider>
        )}
      </main>
    </>
  );
}
