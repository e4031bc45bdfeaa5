import { wrapped } from '@basketwise/page';

/**
 * Text with a label before it, in lines of at most `width` terminal columns. Lines after the first are indented by the width of
 * the label. A line break ends the text.
 */
export function labelledText(label: string, text: string, width = 80): string {
  const indent = ' '.repeat(label.length);
  return `${label}${wrapped(text, { width, indent }).slice(label.length)}`;
}
