import { useState } from 'preact/hooks';
import { taskProblem, usePage } from './context.ts';

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
