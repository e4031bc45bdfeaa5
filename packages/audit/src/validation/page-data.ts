import { type Cell, type Html, html, table } from '@basketwise/page';
import type { ValidationFile } from './validation-file.ts';
import { groupedCount } from './validation-text.ts';

const code = (text: string | null) => html`<code>${text ?? 'not known'}</code>`;

/** Products that a rule withholds from customers: by code, of a class, or all. */
function withheldText({ class: of, products }: ValidationFile['data']['rules'][number]): string {
  if (products !== undefined) return `products ${products.join(', ')}`;
  return of === undefined ? 'all products' : `class ${of}`;
}

/** Table of the classes of products, with the campaigns that recommend them. */
function productTable(classes: ValidationFile['data']['classes']): Html {
  const rows = classes.map((one): Cell[] => [one.class, one.products, one.campaigns.join(', ') || 'left out: no campaign']);
  return html`${table('Products of the products table, by class', ['class', 'products', 'recommended by'], rows)}
<p class="note">A campaign recommends only products on sale: the section on models gives their number.</p>`;
}

/** Reasons with their numbers of customers. */
function reasonsText(reasons: ValidationFile['models'][number]['unserved']): string {
  return reasons.map(({ reason, customers }) => `${reason} ${groupedCount(customers)}`).join('; ') || 'none';
}

/** Table of the target customers of each campaign: with a list, and without one by reason. */
function targetTable(models: ValidationFile['models']): Html {
  const rows = models.map(({ campaign, targets, served, unserved, withheld }): Cell[] => [
    ...[campaign, targets, served, reasonsText(unserved), reasonsText(withheld)],
  ]);
  const head = ['campaign', 'targets', 'with a list', 'without a list, by the first reason', 'withheld by a rule, by rule'];
  return html`${table('Customers with and without a list', head, rows)}
<p class="note">A reason is a rule of eligibility, or that no product is left to recommend. One customer can fail several rules. A customer without a list gets no recommendation of the campaign. Models learn from all customers used, also from those without a list.</p>`;
}

/** Section on data: sources, rows used and left out, features, rules of eligibility and warnings. */
export function dataSection({ data, models }: ValidationFile): Html {
  const { tables, files, snapshot, first, last, counts, classes, features, rules, warnings } = data;
  const sources = tables.map((one): Cell[] => [one.table, one.from]);
  const hashes: Cell[][] = [
    ['input files', code(files)],
    ['tables as read', code(snapshot)],
  ];
  const named = rules.map((rule): Cell[] => [
    ...[rule.reason, withheldText(rule), code(rule.require), rule.isProtected ? 'yes' : 'no'],
  ]);
  const period = first === null ? 'Holdings have no dates.' : `Holdings opened from ${first} to ${last}.`;
  return html`<h2 id="data">Data</h2><p>${period}</p>
${table('Tables', ['table', 'from'], sources)}${table('Same hashes, same data', ['what', 'sha256'], hashes)}
${table(
  'Rows used and left out',
  ['table', 'rows', 'number'],
  counts.map((one): Cell[] => [one.table, one.rows, one.count]),
)}
<p class="note">A run ends without lists if a customer id occurs twice. Products of the same name, or group, count as one different product.</p>
${productTable(classes)}${targetTable(models)}
${
  features.length === 0
    ? html`<p class="note">Models rank only by holdings and their dates.</p>`
    : html`${table(
        'Features that models may rank by, besides holdings and their dates',
        ['feature', 'from', 'customers without a value'],
        features.map(({ name, from, missing }): Cell[] => [name, code(from), missing]),
      )}<p class="note">Customers without a value lack one in at least one column. A missing value of a feature is a level of its own, (unknown). A value that no rule of the config catches is used as it is.</p>`
}
${named.length === 0 ? html`<p class="note">No rule of eligibility.</p>` : table('Rules of eligibility', ['reason', 'withheld', 'from customers who do not fulfil', 'names a protected column'], named)}
${warnings.length === 0 ? html`<p class="note">The run gave no warning.</p>` : html`<h3>Warnings of the run</h3><ul>${warnings.map((one) => html`<li>${one}</li>`)}</ul>`}`;
}
