import { percent } from '@basketwise/data/published';
import { labelledText } from '../labelled-text.ts';
import type { InitResult, SurveyedBank } from './init.ts';
import type { RoleName } from './roles.ts';
import { partNames, type TableFacts } from './survey.ts';

/** Names of the bank's tables that a table is composed of. */
const tableText = (table: TableFacts) => partNames(table).join(' + ');

const rowsText = ({ rows }: TableFacts) => `${rows.toLocaleString('en-US')} rows`;
const labelled = (label: string, text: string) => labelledText(label.padEnd(12), text);

/** Findings, for the terminal. */
export function initText(
  file: string,
  { unreadable }: Pick<SurveyedBank, 'unreadable'>,
  { proposal, notes }: InitResult,
): string {
  const { roles, products, holdings, others, classes, referenceDate, contacts } = proposal;
  const { customer, product } = roles.holdings;
  const dates = [holdings.date.column, holdings.closed.column].flatMap((column) => column?.name ?? []);
  const roleLine = (role: RoleName, ...facts: string[]) => {
    const { table } = roles[role];
    const confidence = `confidence ${percent(roles.confidence[role].value, 0)}`;
    return labelled(role, `${tableText(table)}: ${[rowsText(table), ...facts, confidence].join(', ')}`);
  };
  const { dated } = roles.customers;
  const unused = others
    .filter((table) => table !== contacts?.table && !proposal.consents.some((one) => one.table === table))
    .map(({ name }) => name);
  const findings = [
    roleLine('customers', `key ${roles.customers.id.name}`, ...(dated ? [`a state for each ${dated.date.name}`] : [])),
    roleLine(
      'products',
      `key ${products.code.column?.name ?? '-'}`,
      `class ${products.class.column?.name ?? '-'} (${classes.length})`,
    ),
    roleLine(
      'holdings',
      `keys ${[customer.from.column.name, ...(product ? [`${product.from.column.name} (${products.by})`] : [])].join(', ')}`,
      ...(dates.length > 0 ? [`dates ${dates.join(', ')}`] : []),
    ),
    ...(contacts
      ? [
          labelled(
            'contacts',
            `${contacts.table.name}: ${rowsText(contacts.table)}, key ${contacts.customer.from.column.name}, a comment in the config`,
          ),
        ]
      : []),
    ...(referenceDate ? [labelled('date', `${referenceDate.date}: ${referenceDate.why}`)] : []),
    ...(unused.length > 0 ? [labelled('not used', `${unused.join(', ')} (the first lines of ${file} say why)`)] : []),
    ...unreadable.map(({ name, why }) => labelled('unreadable', `${name}: ${why}`)),
  ];
  const edits = notes.filter(({ kind }) => kind === 'edit');
  const checks = notes.filter(({ kind }) => kind === 'check');
  const noteLines = (title: string, all: typeof notes) =>
    all.length === 0
      ? []
      : ['', title, ...all.map(({ line, key, text }) => labelledText('  ', `${file}:${line} ${key}: ${text}`).trimEnd())];
  const config = file === 'basketwise.yaml' ? '' : ` --config ${file}`;
  const look = `basketwise doctor --data${config}`;
  const next = edits.length > 0 ? `then: ${look}` : `next: ${look}, then basketwise run${config}`;
  return [
    findings.join('').trimEnd(),
    ...noteLines('to be set before a run can be:', edits),
    ...noteLines('please look at these guesses:', checks),
    '',
    `wrote ${file}; ${next}\n`,
  ].join('\n');
}
