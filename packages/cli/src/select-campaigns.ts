import { AppError } from '@basketwise/core/base';
import { type Settings, targets } from '@basketwise/pipeline';

const campaignPrefix = 'campaign:';

/**
 * Reduces the settings to the campaigns that selectors `campaign:NAME` match; `*` in NAME stands for any text. Publication to a
 * server is removed, because a published table has the lists of all campaigns.
 * @throws AppError usage for an invalid selector, or one without matches
 */
export function selectCampaigns(settings: Settings, selectors: readonly string[]): Settings {
  const { campaigns, output, ...rest } = settings.config;
  const names = Object.keys(campaigns);
  const selectedNames = new Set(selectors.flatMap((selector) => matching(selector, names)));
  const files = { ...output };
  for (const target of targets) delete files[target];
  const selected = Object.fromEntries(Object.entries(campaigns).filter(([name]) => selectedNames.has(name)));
  return { ...settings, config: { ...rest, campaigns: selected, output: files } };
}

function matching(selector: string, names: readonly string[]): string[] {
  if (!selector.startsWith(campaignPrefix)) {
    throw new AppError(
      'usage',
      `--select ${selector}: not a selector`,
      `Write ${campaignPrefix}NAME; \`*\` stands for any text.`,
    );
  }
  const parts = selector.slice(campaignPrefix.length).split('*');
  const matched = names.filter((name) => matches(name, parts));
  if (matched.length > 0) return matched;
  throw new AppError('usage', `--select ${selector}: no campaign has such a name`, `The config has ${names.join(', ')}.`);
}

/**
 * Whether a name has all parts in this order, with any text between them. Taking the first match of each part suffices, so there
 * is no backtracking.
 */
function matches(name: string, parts: readonly string[]): boolean {
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (parts.length === 1) return name === first;
  const end = name.length - last.length;
  if (first.length > end || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const place = name.indexOf(part, at);
    if (place < 0) return false;
    at = place + part.length;
  }
  return at <= end;
}
