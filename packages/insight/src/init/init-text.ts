import { percent } from '@basketwise/data/base';
import { labelledText } from '@basketwise/page';
import type { InitResult, SurveyedBank } from './init.ts';
import { historyOf } from './made-states.ts';
import type { Proposal } from './propose.ts';
import type { RoleName } from './roles.ts';
import { partNames, type TableFacts } from './survey.ts';

/** Names of the bank's tables from which a table is made. */
const tableText = (table: TableFacts) => partNames(table).join(' + ');

const rowsText = ({ rows }: TableFacts) => `${rows.toLocaleString('en-US')} rows`;
const labelledLine = (label: string, text: string) => labelledText(label.padEnd(12), text);

/** Line about the table of a role, with facts about it. */
function roleLine({ roles }: Proposal, role: RoleName, ...facts: string[]): string {
  const { table } = roles[role];
  const confidence = `confidence ${percent(roles.confidence[role].value, 0)}`;
  return labelledLine(role, `${tableText(table)}: ${[rowsText(table), ...facts, confidence].join(', ')}`);
}

/** Lines about the tables of the three roles, with their keys. */
function roleLines(proposal: Proposal): string[] {
  const { roles, products, holdings, classes } = proposal;
  const { customer, product } = roles.holdings;
  const history = historyOf(roles.customers.table);
  const dates = [holdings.date.column, holdings.closed.column].flatMap((column) => column?.name ?? []);
  const keys = [customer.from.column.name, ...(product ? [`${product.from.column.name} (${products.by})`] : [])];
  return [
    roleLine(
      proposal,
      'customers',
      `key ${roles.customers.id.name}`,
      ...(history ? [`a state for each ${history.date.name}`] : []),
    ),
    roleLine(
      proposal,
      'products',
      `key ${products.code.column?.name ?? '-'}`,
      `class ${products.class.column?.name ?? '-'} (${classes.length})`,
    ),
    roleLine(proposal, 'holdings', `keys ${keys.join(', ')}`, ...(dates.length > 0 ? [`dates ${dates.join(', ')}`] : [])),
  ];
}

/** Lines about the contact log, the reference date, and tables that the config does not use. */
function otherLines(file: string, { contacts, referenceDate, others, consents }: Proposal): string[] {
  const unused = others
    .filter((table) => table !== contacts?.table && !consents.some((one) => one.table === table))
    .map(({ name }) => name);
  return [
    ...(contacts
      ? [
          labelledLine(
            'contacts',
            `${contacts.table.name}: ${rowsText(contacts.table)}, key ${contacts.customer.from.column.name}, a comment in the config`,
          ),
        ]
      : []),
    ...(referenceDate ? [labelledLine('date', `${referenceDate.date}: ${referenceDate.why}`)] : []),
    ...(unused.length > 0 ? [labelledLine('not used', `${unused.join(', ')} (the first lines of ${file} say why)`)] : []),
  ];
}

/** Results of `init` as text for the terminal. */
export function initText(
  file: string,
  { unreadable }: Pick<SurveyedBank, 'unreadable'>,
  { proposal, notes }: InitResult,
): string {
  const findings = [
    ...roleLines(proposal),
    ...otherLines(file, proposal),
    ...unreadable.map(({ name, why }) => labelledLine('unreadable', `${name}: ${why}`)),
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
