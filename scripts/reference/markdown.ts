/** Text as code in Markdown, also within a table. */
export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|').replaceAll('\t', '\\t')}\``;
}

/**
 * A table of Markdown; without rows it is empty.
 * @param right columns that are aligned to the right
 */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[], right: readonly boolean[] = []): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return `\n${line(head)}${line(head.map((_, column) => (right[column] ? '---:' : '---')))}${rows.map(line).join('')}`;
}

/** Text with its mentions of `docs/PAGE.md#heading` as links from docs/reference/. */
export function linked(text: string): string {
  return text.replaceAll(
    /docs\/((?:[\w-]+\/)?([\w-]+\.md)(?:#[\w-]+)?)/g,
    (_, target: string, page: string) => `[${page}](../${target})`,
  );
}
