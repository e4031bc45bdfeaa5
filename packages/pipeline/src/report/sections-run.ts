import { countWords, percent } from '@basketwise/data/published';
import { type Cell, type Html, html, table } from '@basketwise/page';
import { barChart } from '@basketwise/page/charts';
import type { PublicReport } from './run-report.ts';

/** Section on changes since the previous run. */
export function changeSection({ previous }: PublicReport): Html | null {
  if (!previous) return html`<p class="note">There is no previous run to compare with.</p>`;
  const rows = previous.campaigns.map((change): Cell[] => [
    change.campaign,
    change.targets,
    change.served,
    percent(change.firstShift),
  ]);
  return html`<h2>Since the previous run</h2><p class="note">Compared with run ${previous.run}.</p>
${table('Change', ['campaign', 'targets', 'served', 'lists led by another product'], rows)}`;
}

/** Section on the number of rows read, and of rows excluded for each reason. */
export function rowsSection({ data }: PublicReport): Html {
  const { customers, products, holdings, unknownProducts } = data;
  const facts = (record: object) =>
    Object.entries(record).filter((fact): fact is [string, number | null] => fact[1] === null || typeof fact[1] === 'number');
  const counted = (caption: string, record: object) => table(caption, ['what', 'rows'], facts(record));
  const listed =
    unknownProducts.distinct !== 0
      ? html`<p>Holdings name ${countWords(unknownProducts.distinct)} products that the products table lacks: snapshot/unknown-products.csv of the run lists them.</p>`
      : null;
  return html`<h2 id="run">What was read</h2>
${counted('Customers', customers)}${counted('Products', products)}${counted('Holdings', holdings)}${listed}`;
}

/** Section on time and memory of every stage. */
export function stageSection({ stages }: PublicReport): Html {
  const rows = stages.map(({ name, status, seconds, peakMemory }): Cell[] => [name, status, seconds, peakMemory]);
  const times = stages.map(({ name, seconds }) => ({ label: name, value: seconds }));
  return html`<h2>Time and memory</h2>${barChart('Seconds by stage', 's', times)}
${table('Stages', ['stage', 'status', 'seconds', 'peak memory, MiB'], rows)}`;
}

/** Section with the hashes of the data, the config and the program of the run. */
export function originSection({ inputs, run }: PublicReport): Html {
  const rows = Object.entries({ run, ...inputs }).map(([name, hash]): Cell[] => [name, html`<code>${hash ?? '–'}</code>`]);
  return html`<h2>Origin</h2>${table('Same hashes, same results', ['what', 'hash'], rows)}`;
}
