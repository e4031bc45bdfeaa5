import { plainLine } from '@basketwise/core/plain-text';

/** Largest width of a line of messages on stderr. A word that is longer gets a line of its own. */
const warningWidth = 100;

/** Breaks a text into lines, and indents all but the first. */
function wrapWarning(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.trim() !== '' && line.length + 1 + word.length > warningWidth) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${one}\n`).join('');
}

/** Warnings as text for stderr, each once. If several campaigns have the same warning, it names them all. */
export function warningsText(warnings: readonly string[]): string {
  const campaigns = new Map<string, string[]>();
  for (const warning of warnings) {
    const [, campaign, text = plainLine(warning)] = /^campaigns\.([^.:]+): ([\s\S]*)$/.exec(warning) ?? [];
    const named = campaigns.get(text) ?? [];
    if (campaign !== undefined && !named.includes(campaign)) named.push(campaign);
    campaigns.set(text, named);
  }
  return [...campaigns]
    .map(([text, named]) => {
      const [first, ...others] = named;
      const who = first === undefined ? '' : others.length === 0 ? `campaigns.${first}: ` : `campaigns ${named.join(', ')}: `;
      return wrapWarning(`warning: ${who}${text}`);
    })
    .join('');
}
