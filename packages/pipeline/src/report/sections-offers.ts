import { countWords } from '@basketwise/data/base';
import { type Cell, type Html, html, table } from '@basketwise/page';
import { barChart } from '@basketwise/page/charts';
import { offersBehindText } from './quality-figures.ts';
import type { PublicReport } from './run-report.ts';

type Offers = NonNullable<PublicReport['offers']>;
type Capacity = Offers['capacities'][number];

function priceText({ price, least, reached }: Capacity): string | null {
  if (price === null) return reached === false ? 'minimum not reachable: no price' : null;
  if (price > 0) return `value of one more: ${price}`;
  if (price < 0) return `the last of its ${least} costs ${-price}`;
  return 'one more has no value';
}

/** Text of the relative gap between the total value and its upper bound, in percent with two digits. */
function missedText(gap: number): string {
  return gap > 0 && gap < 1e-5 ? 'less than 0.001 %' : `at most ${Number((100 * gap).toPrecision(2))} %`;
}

function limitText({ least, most }: Capacity): string {
  return [...(least > 0 ? [`at least ${least}`] : []), ...(most === null ? [] : [`at most ${most}`])].join(', ');
}

/** Largest number of capacities in the table. */
const mostShown = 100;

/** Table of the capacities, by falling cost: shadow price times limit. Capacities of equal cost are sorted by their used share. */
function capacityTable({ capacities }: Offers): Html {
  const cost = ({ price, most, least }: Capacity) =>
    Math.abs(price ?? 0) * (price !== null && price > 0 ? Math.max(1, most ?? 0) : least);
  const shown = capacities.toSorted((a, b) => cost(b) - cost(a) || useOf(b) - useOf(a)).slice(0, mostShown);
  const title =
    shown.length < capacities.length
      ? `Capacities: of ${capacities.length}, the ${mostShown} that cost most or are used most (manifest.json has all)`
      : 'Capacities';
  const rows = shown.map((one): Cell[] => [...[one.name, limitText(one), one.used, priceText(one), one.without]]);
  return table(title, ['capacity', 'limits', 'offers', 'price', 'total value without this limit, at most'], rows);
}

function reasonTable({ all, campaigns }: Offers): Html {
  const reasons = Object.keys(all.reasons);
  const row = (name: string, counts: Offers['all']): Cell[] => [
    ...[name, counts.candidates, counts.offered],
    ...reasons.map((reason) => counts.reasons[reason]!),
  ];
  const rows = [row('all', all), ...campaigns.map((one) => row(one.campaign, one))];
  const title = 'Customers with a recommendation (candidates), by what became of them';
  return html`${table(title, ['campaign', 'candidates', 'offered', ...reasons], rows)}
<p class="note">rest: in a cool-off period; control: left alone to measure the effect; worth less: another offer is worth more, or this one has
no value; never together: excluded by another offer; capacity: no room was left.</p>`;
}

/** Sentence on the control: numbers of its customers, of its customers with a recommendation, and of its customers who would get an offer. */
function controlText({ control, all }: Offers): string {
  const listed = all.reasons.control ?? null;
  return (
    `${capital(countWords(control.customers))} customers are in the control and never contacted: ${countWords(listed)} of them have a` +
    ` recommendation, and ${countWords(control.decided)} would get an offer now.`
  );
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);

/** Used share of a capacity's maximum; -1 if the number is not published, or if the capacity has no maximum. */
function useOf({ used, most }: Capacity): number {
  return used === null || !most ? -1 : used / most;
}

/** Section on offers: their total value and its upper bound, the use and shadow price of each capacity, and reasons of customers without an offer. */
export function offerSection(report: PublicReport): Html {
  const { offers } = report;
  if (!offers) return html``;
  const behind = offersBehindText(report);
  const priced = offers.capacities
    .flatMap(({ name, price }) => (price !== null && price > 0 ? [{ label: name, value: price }] : []))
    .sort((a, b) => b.value - a.value);
  const use = offers.capacities.filter(({ most }) => most !== null).toSorted((a, b) => useOf(b) - useOf(a));
  const { worth, bound, gap } = offers;
  const worthText =
    worth === null || bound === null || gap === null
      ? html`Fewer than 10 offers are made.`
      : html`Total value of the offers (value x probability): ${worth}. No choice within the capacities is worth more than ${bound}
(gap: ${missedText(gap)}).`;
  const about = html`${worthText} ${controlText(offers)}`;
  const prices = priced.slice(0, 20);
  const freed = offers.capacities
    .flatMap(({ name, without }) =>
      without === null || worth === null || without <= worth ? [] : [{ label: name, value: without - worth }],
    )
    .sort((a, b) => b.value - a.value);
  const shares = use
    .slice(0, 20)
    .map((one) => ({ label: one.name, value: useOf(one) < 0 ? null : Math.min(100, Math.round(100 * useOf(one))) }));
  return html`<p>${about}</p>
${behind && html`<p><b>${behind}</b></p>`}
${use.length > 0 ? barChart(use.length > 20 ? 'Use of capacities, the 20 that are used most' : 'Use of capacities', '% of what is there', shares, [0, 100]) : ''}
${prices.length > 0 ? barChart('Value of one more offer', 'worth', prices) : ''}
${freed.length > 0 ? barChart('How much more all would be worth without a capacity, at most', 'worth', freed) : ''}
${offers.capacities.length > 0 ? capacityTable(offers) : ''}
${reasonTable(offers)}`;
}
