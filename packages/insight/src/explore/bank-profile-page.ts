import { html, pagePolicy, pageStyle, percentCell, table } from '@basketwise/page';
import { barChart } from '@basketwise/page/charts';
import type { BankProfile } from './bank-profile.ts';

/** Makes the profile of a bank as a self-contained page. */
export function bankProfilePage({ run, referenceDate, customers, held, classes, products, dates, odd }: BankProfile): string {
  const tiles = [
    ['customers', customers.all],
    ['hold something', customers.withHoldings],
    ['hold nothing', customers.withoutHoldings],
    ['products', products.length],
    ['on sale', products.filter(({ onSale }) => onSale).length],
  ] as const;
  const bars = (rows: readonly { label: string; value: number | null }[]) =>
    rows.map(({ label, value }) => ({ label, value: value ?? 0 }));
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>Bank as of ${referenceDate}</title><style>${pageStyle}</style></head>
<body><h1>The bank as of ${referenceDate}</h1><p class="note">Snapshot of ${run}. Numbers of customers are rounded down to tens; – is fewer than ten.</p>
<div class="tiles">${tiles.map(([name, value]) => html`<div><b>${value ?? '–'}</b>${name}</div>`)}</div>
${odd.length === 0 ? html`<p>Nothing is odd.</p>` : html`<div class="warnings"><h2>What is odd</h2><ul>${odd.map((line) => html`<li>${line}</li>`)}</ul></div>`}
<h2>Customers</h2>
${barChart('Products held', 'customers', bars(held.map((one) => ({ label: one.products, value: one.customers }))))}
<h2>Classes</h2>
${barChart('Holders', 'customers', bars(classes.map((one) => ({ label: one.name, value: one.holders }))))}
${table(
  'Classes',
  ['class', 'products', 'on sale', 'holders', 'of all customers', 'bought within a year'],
  classes.map((one) => [one.name, one.products, one.onSale, one.holders, percentCell(one.share), one.bought]),
)}
<h2>Dates</h2>
${dates.first === null ? html`<p>Holdings have no dates.</p>` : html`<p>Opened from ${dates.first} to ${dates.last}.</p>${barChart('Opened', 'holdings', bars(dates.byYear.map(({ year, opened }) => ({ label: year, value: opened }))))}`}
<h2>Products</h2>
${table(
  'Products, by holders',
  ['product', 'code', 'class', 'on sale', 'holders', 'of all customers', 'bought within a year'],
  products.map((one) => [
    one.name,
    html`${one.code}`,
    one.class,
    one.onSale ? 'yes' : 'no',
    one.holders,
    percentCell(one.share),
    one.bought,
  ]),
)}
</body></html>
`.text;
}
