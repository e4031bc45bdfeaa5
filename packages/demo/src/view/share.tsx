import type { ComponentChildren } from 'preact';

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
