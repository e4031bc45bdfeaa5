import { wrapped } from '@basketwise/page';

/**
 * Text after its label, in lines of at most `width` terminal columns. Further lines are indented by the label. Ends with a line
 * break.
 */
export function labelledText(label: string, text: string, width = 80): string {
  const indent = ' '.repeat(label.length);
  return `${label}${wrapped(text, { width, indent }).slice(label.length)}`;
}
