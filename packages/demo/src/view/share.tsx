import type { ComponentChildren } from 'preact';

interface ShareProps {
  /** Full name, as the label may be truncated. */
  title: string;
  /** Label. Default: the title. */
  label?: ComponentChildren;
  /** Length of the bar, 0 to 1. */
  part: number;
  value: string;
}

/** Name, bar and figure, side by side. */
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
