// `npm run claim -- reasons [config]`: kinds of reasons of the latest run, by default that of the sample of `npm start`.
import { publishedRelation, queryRows } from '@basketwise/data';
import { loadConfig } from '@basketwise/pipeline';
import { noProductsText, sameProductsText } from '@basketwise/recommend';
import { openFinishedRun } from '../../packages/insight/src/explain/finished-run.ts';
import { record } from '../records/record.ts';

const kinds = {
  popular: "reason = 'popular'",
  holding: "reason LIKE 'holds %'",
  'same products': `reason = '${sameProductsText}'`,
  'no products': `reason = '${noProductsText}'`,
};
const run = await openFinishedRun(await loadConfig(process.argv[2] ?? 'sample/basketwise.yaml'), undefined);
try {
  const { engine } = run.snapshot;
  const rows = publishedRelation(engine.dialect, run.folder, run.config.output);
  const shares = Object.entries(kinds).map(([name, is]) => `round(100 * avg((${is}) :: INT), 1) AS "${name} %"`);
  const others = Object.values(kinds).join(' OR ');
  const feature = `round(100 * avg((NOT (${others})) :: INT), 1) AS "feature %"`;
  const counted = `SELECT coalesce(campaign, 'all') AS campaign, count(*) AS rows, ${shares.join(', ')}, ${feature}`;
  const from = `FROM (SELECT CAST(campaign AS VARCHAR) AS campaign, CAST(reason AS VARCHAR) AS reason FROM ${rows})`;
  const tableOfRows = async (sql: string) => {
    const found = await queryRows(engine, sql);
    const rows = found.map((row) => Object.values(row).map((value) => (typeof value === 'string' ? value : Number(value))));
    return { columns: Object.keys(found[0] ?? {}), rows };
  };
  record({
    title: 'Reasons of rows',
    about:
      'Shares of the kinds of reasons among the rows of a run, by campaign, and the most frequent texts. Default: the sample of `npm start`.',
    tables: [
      await tableOfRows(`${counted} ${from} GROUP BY ROLLUP (campaign) ORDER BY campaign = 'all', campaign`),
      await tableOfRows(`SELECT reason, count(*) AS rows ${from} GROUP BY reason ORDER BY rows DESC, reason LIMIT 20`),
    ],
  });
} finally {
  await run.close();
}
