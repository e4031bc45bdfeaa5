import { percent, textTable } from '@basketwise/pipeline/parts';
import type { InitResult, SurveyedBank } from './init.ts';
import type { RoleName } from './roles.ts';
import { partNames, type TableFacts } from './survey.ts';

/** The bank's tables that a table is composed of. */
const tableText = (table: TableFacts) => partNames(table).join(' + ');

/** Findings, for the terminal. */
export function initText(
  file: string,
  { unreadable }: Pick<SurveyedBank, 'unreadable'>,
  { proposal, notes }: InitResult,
): string {
  const { roles, products, holdings, others, classes, referenceDate, contacts } = proposal;
  const sure = (role: RoleName) => percent(roles.confidence[role].value, 0);
  const { customer, product } = roles.holdings;
  const keys = product ? `${customer.from.column.name}, ${product.from.column.name} (${products.by})` : customer.from.column.name;
  const dates = [holdings.date.column, holdings.closed.column].flatMap((column) => column?.name ?? []).join(', ');
  const rows = [
    ['', 'table', 'rows', 'key', 'confidence', 'besides'],
    [
      'customers',
      tableText(roles.customers.table),
      roles.customers.table.rows,
      roles.customers.id.name,
      sure('customers'),
      roles.customers.dated ? `a state for each ${roles.customers.dated.date.name}` : '',
    ],
    [
      'products',
      tableText(roles.products.table),
      roles.products.table.rows,
      products.code.column?.name ?? '-',
      sure('products'),
      `class ${products.class.column?.name ?? '-'} (${classes.length})`,
    ],
    [
      'holdings',
      tableText(roles.holdings.table),
      roles.holdings.table.rows,
      keys,
      sure('holdings'),
      dates === '' ? '' : `dates ${dates}`,
    ],
    ...(contacts
      ? [
          [
            'contacts',
            contacts.table.name,
            contacts.table.rows,
            contacts.customer.from.column.name,
            '',
            'a comment in the config',
          ],
        ]
      : []),
  ];
  const unused = others
    .filter((table) => table !== contacts?.table && !proposal.consents.some((one) => one.table === table))
    .map(({ name }) => name);
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
