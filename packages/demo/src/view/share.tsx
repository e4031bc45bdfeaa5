import type { ComponentChildren } from 'preact';

interface ShareProps {
  /** Its full name: the label may be truncated. */
  title: string;
  /** Default: the title. */
  label?: ComponentChildren;
  /** Length of the bar, 0 .. 1. */
  part: number;
  value: string;
}

/** A name, a bar and a figure, side by side. */
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
