import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatted, taskProblem, usePage } from './context.ts';

/** List of figures with their labels. */
export function Facts({ facts }: { facts: readonly (readonly [string, string])[] }) {
  return (
    <dl class="facts">
      {facts.map(([value, label]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Numbers of excluded rows by reason. Shows `none` if no row was excluded. */
export function LeftOut({ lines }: { lines: readonly (readonly [number, string])[] }) {
  const { language, t } = usePage();
  const some = lines.filter(([count]) => count > 0);
  return (
    <div class="left-out">
      <h3>{t.leftOut}</h3>
      {some.length === 0 ? (
        <p>{t.none}</p>
      ) : (
        <ul>
          {some.map(([count, label]) => (
            <li key={label}>
              {formatted(count, language)} {label}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface ShareProps {
  /** Full name, shown as a tooltip because the label can be truncated. */
  title: string;
  /** Content of the label. Default: the title. */
  label?: ComponentChildren;
  /** Length of the bar, 0 to 1. */
  part: number;
  value: string;
}

/** Bar of a share, with its label and its value. */
export function ShareBar({ title, label = title, part, value }: ShareProps) {
  return (
    <>
      <span class="label" title={title}>
        {label}
      </span>
      <span class="track" aria-hidden="true">
        <span class="bar" style={{ width: `${100 * part}%` }} />
      </span>
      <span class="value">{value}</span>
    </>
  );
}

interface DownloadProps {
  task: 'download' | 'downloadOwn';
  name: string;
  label: string;
}

/** Button that requests a file from the worker and saves it. */
export function Download({ task, name, label }: DownloadProps) {
  const { engine, language, t } = usePage();
  const [state, setState] = useState<'ready' | 'preparing' | { error: unknown }>('ready');
  const download = async () => {
    setState('preparing');
    try {
      const address = URL.createObjectURL(await engine.run(task, {}));
      const link = document.createElement('a');
      link.href = address;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      setState('ready');
    } catch (error) {
      setState({ error });
    }
  };
  return (
    <p>
      <button type="button" class="strong" disabled={state === 'preparing'} onClick={download}>
        {state === 'preparing' ? t.preparing : label}
      </button>
      {typeof state === 'object' && <span role="alert"> {taskProblem(state.error, language).message}</span>}
    </p>
  );
}
