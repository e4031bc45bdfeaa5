import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { usePage } from './context.ts';

/** File name extensions offered by the file dialogs. */
export const tableFileTypes = '.csv,.txt,.parquet,.arrow,.arrows,.feather';

interface FileDropProps {
  accept: string;
  disabled: boolean;
  onFile: (file: File) => void;
  children: ComponentChildren;
}

/** Area on which a file can be dropped, with a field for choosing one. */
export function FileDrop({ accept, disabled, onFile, children }: FileDropProps) {
  const { t } = usePage();
  const [isOver, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for mice; the field inside is for everybody
    <div
      class={`drop ${isOver ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file && !disabled) onFile(file);
      }}
    >
      <p>{t.drop}</p>
      <FileField label={t.choose} accept={accept} disabled={disabled} onFile={onFile} />
      {children}
    </div>
  );
}

/** Field for choosing a file. */
export function FileField({ label, ...rest }: { label: string } & Omit<FileDropProps, 'children'>) {
  return (
    <label class="file">
      <span>{label}</span>
      <input
        type="file"
        accept={rest.accept}
        disabled={rest.disabled}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file) rest.onFile(file);
        }}
      />
    </label>
  );
}
