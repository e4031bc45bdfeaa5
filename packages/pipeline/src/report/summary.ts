import { countWords, type PublishedCount } from '@basketwise/data/base';
import { decisionText, outcomeSentences } from '@basketwise/offers';
import { type Cell, formatNumber, type Table } from '@basketwise/page';
import { verdictName, verdictsText } from '@basketwise/recommend';
import { offersBehindText } from './quality-figures.ts';
import type { publicSummary } from './run-report.ts';

type Summary = ReturnType<typeof publicSummary>;

type Campaign = Summary['campaigns'][number] & {
  /** Products that are most often the first of a list, most frequent first. Only the report has them. */
  products?: readonly { name: string }[];
};

/** Figures of a run that answer a manager's questions. */
export type Summarised = Omit<Summary, 'campaigns'> & { campaigns: readonly Campaign[] };

/** Largest number of products of a campaign, and of campaigns in a sentence, that are named. */
const named = 3;

/** Products that a campaign offers most often or, without offers, that are most often the first of its lists. */
function topProducts({ campaign, products = [] }: Campaign, { offers }: Summarised): string {
  const offered = offers?.campaigns.find((counts) => counts.campaign === campaign)?.products;
  return (offered ?? products.map(({ name }) => name)).slice(0, named).join(', ');
}

const customersText = (count: PublishedCount) => (count === null ? 'Some' : `About ${formatNumber(count)}`);

function whom({ offers, contactList, campaigns }: Summarised): string {
  if (!offers) {
    const lists = campaigns.map(
      ({ campaign, served }) => `${campaign} ${served === null ? countWords(served) : formatNumber(served)}`,
    );
    return `Nobody yet: the run makes lists, and no offers (docs/offers.md). Customers with a list: ${lists.join(', ')}.`;
  }
  const { decided } = offers.control;
  const left =
    decided === 0 ? '' : ` ${decided === null ? 'Others' : formatNumber(decided)} are left alone, to measure the effect.`;
  const where = contactList ? `, on ${contactList.file}` : '. A run of some campaigns is never published: do not contact them';
  return `${customersText(offers.all.offered)} customers${where}.${left}`;
}

function withWhat(summary: Summarised): string {
  const { offers, campaigns } = summary;
  const contacts = new Map(offers?.campaigns.map(({ campaign, offers: count }) => [campaign, count ?? 0]));
  const sized = campaigns.map((campaign) => ({
    campaign,
    size: (offers ? contacts.get(campaign.campaign) : campaign.served) ?? 0,
  }));
  const most = sized.filter(({ size }) => size > 0).toSorted((a, b) => b.size - a.size);
  const texts = most.slice(0, named).map(({ campaign, size }) => {
    const products = topProducts(campaign, summary);
    return `${campaign.campaign} (${formatNumber(size)})${products === '' ? '' : `: ${products}`}`;
  });
  const more = most.length > named ? `; and ${most.length - named} further campaigns` : '';
  return texts.length === 0 ? 'No campaign has 10 customers.' : `${texts.join('; ')}${more}.`;
}

function total(offers: NonNullable<Summarised['offers']>, key: 'purchases' | 'worth'): number {
  return offers.campaigns.reduce((sum, campaign) => sum + (campaign[key] ?? 0), 0);
}

/** Figure of a forecast with three significant digits. */
const rounded = (value: number) => formatNumber(Number(value.toPrecision(3)));

function expected({ offers, unit, probability, windowEnd }: Summarised): string {
  if (!offers) {
    return probability === null
      ? 'No forecast: the lists have no probabilities.'
      : 'Each list has the probabilities of its products.';
  }
  const until = windowEnd === null ? 'within a window' : `by ${windowEnd}`;
  return (
    `About ${rounded(total(offers, 'purchases'))} purchases of the offered products ${until}, worth` +
    ` ${rounded(total(offers, 'worth'))} ${unit ?? '(unit of offers.value)'}. Some of them would come without a contact, too.`
  );
}

function effect({ offers, windowEnd, hasControl }: Summarised): string {
  if (!offers) return 'Only offers with a control show an effect.';
  if (!hasControl) return 'Never: the offers have no control (offers.control).';
  if (windowEnd === null) return 'Never: holdings have no dates, so purchases after the contact are not known.';
  return `In runs after ${windowEnd}, when the time for purchases is over.`;
}

function earlierEffect({ outcomes }: Summarised): string {
  const whole = outcomes && outcomeSentences(outcomes)[0];
  return whole ? `${whole.text} ${decisionText(outcomes)}` : 'No window of earlier offers is over.';
}

function decisions(summary: Summarised): string {
  const { contactList, warnings } = summary;
  const texts = [
    offersBehindText(summary),
    contactList?.approvals ? `${contactList.approvals} approvals publish this run.` : '',
    warnings.length > 0 ? `Read the ${warnings.length === 1 ? 'warning' : `${warnings.length} warnings`}.` : '',
  ].filter((text) => text !== '');
  return texts.length === 0 ? 'Nothing.' : texts.join(' ');
}

/** Answers of a run to a manager, each after its question. */
export function summaryAnswers(summary: Summarised): readonly (readonly [string, string])[] {
  return [
    ['Whom do we contact?', whom(summary)],
    ['With what?', withWhat(summary)],
    ['What do we expect?', expected(summary)],
    ['Better than best sellers?', verdictsText(summary.campaigns)],
    ['When is the effect known?', effect(summary)],
    ['Do earlier offers work?', earlierEffect(summary)],
    ['What needs a decision?', decisions(summary)],
  ];
}

/** Table of the campaigns, for a manager. */
export function summaryTable(summary: Summarised): Table {
  const { campaigns, offers, unit } = summary;
  const offered = new Map(offers?.campaigns.map((campaign) => [campaign.campaign, campaign]));
  const offerHeads = ['contacts', 'expected purchases', `expected value${unit === null ? '' : `, ${unit}`}`];
  const rows = campaigns.map((campaign): Cell[] => {
    const { offers: contacts = null, purchases = null, worth = null } = offered.get(campaign.campaign) ?? {};
    return [
      ...[campaign.campaign, campaign.served, ...(offers ? [contacts, purchases, worth] : [])],
      ...[topProducts(campaign, summary) || null, verdictName(campaign.verdict)],
    ];
  });
  return {
    caption: 'Campaigns',
    head: [
      'campaign',
      'with a list',
      ...(offers ? offerHeads : []),
      offers ? 'most often offered' : 'most often first',
      'against best sellers',
    ],
    rows,
  };
}
