import { plainLine } from '@basketwise/core/plain-text';

/** Widest line of messages on stderr. A longer word has a separate line. */
const warningWidth = 100;

/** Breaks a text into lines. All except the first are indented. */
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

/** Warnings for stderr, each once. A warning of several campaigns names them all. */
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
