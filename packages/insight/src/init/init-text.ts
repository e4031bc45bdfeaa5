import { textTable } from '@basketwise/pipeline/parts';
import type { InitResult, SurveyedBank } from './init.ts';

/** Findings, for the terminal. */
export function initText(
  file: string,
  { unreadable }: Pick<SurveyedBank, 'unreadable'>,
  { proposal, notes }: InitResult,
): string {
  const { roles, products, holdings, others, classes, referenceDate } = proposal;
  const { customer, product } = roles.holdings;
  const keys = product ? `${customer.from.column.name}, ${product.from.column.name} (${products.by})` : customer.from.column.name;
  const dates = [holdings.date.column, holdings.closed.column].flatMap((column) => column?.name ?? []).join(', ');
  const rows = [
    ['', 'table', 'rows', 'key', 'besides'],
    [
      'customers',
      roles.customers.table.name,
      roles.customers.table.rows,
      roles.customers.id.name,
      roles.customers.dated ? `a state for each ${roles.customers.dated.date.name}` : '',
    ],
    [
      'products',
      roles.products.table.name,
      roles.products.table.rows,
      products.code.column?.name ?? '-',
      `class ${products.class.column?.name ?? '-'} (${classes.length})`,
    ],
    ['holdings', roles.holdings.table.name, roles.holdings.table.rows, keys, dates === '' ? '' : `dates ${dates}`],
  ];
  const unused = others.filter((table) => !proposal.consents.some((one) => one.table === table)).map(({ name }) => name);
  const lines = [
    ...(referenceDate ? [`as of ${referenceDate.date}: ${referenceDate.why}`] : []),
    ...(unused.length > 0 ? [`not used: ${unused.join(', ')} (the first lines of ${file} say why)`] : []),
    ...unreadable.map(({ name, why }) => `cannot be read: ${name}: ${why}`),
  ];
  const edits = notes.filter(({ kind }) => kind === 'edit');
  const checks = notes.filter(({ kind }) => kind === 'check');
  const noteLines = (title: string, all: typeof notes) =>
    all.length === 0 ? [] : ['', title, ...all.map(({ line, key, text }) => `  ${file}:${line} ${key}: ${text}`)];
  const config = file === 'basketwise.yaml' ? '' : ` --config ${file}`;
  const look = `basketwise doctor --data${config}`;
  const next = edits.length > 0 ? `then: ${look}` : `next: ${look}, then basketwise run${config}`;
  return [
    `${textTable(rows)}${lines.join('\n')}`,
    ...noteLines('to be set before a run can be:', edits),
    ...noteLines('please look at these guesses:', checks),
    '',
    `wrote ${file}; ${next}\n`,
  ].join('\n');
}
