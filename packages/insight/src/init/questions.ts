import { isOpen, readingCount, readingValue } from './guess-consents.ts';
import type { Proposal } from './propose.ts';
import { type InitAnswers, isUnsure, noColumn, otherTables, type RoleName } from './roles.ts';
import { partNames, type TableFacts } from './survey.ts';

/** Question about a bank's tables, and the proposed answer. */
export interface Question {
  key: keyof InitAnswers;
  text: string;
  answer: string;
  /** Possible answers. Null: any day, as YYYY-MM-DD. */
  choices: readonly string[] | null;
  /** Whether the data do not show which table is right. The proposal then counts only after the person has confirmed it. */
  isUnsure?: boolean;
}

const names = ({ columns }: TableFacts) => columns.map(({ name }) => name);
const orNone = (all: readonly string[]) => [...all, noColumn];

const dates = (table: TableFacts) => orNone(table.columns.filter(({ isDate }) => isDate).map(({ name }) => name));
const tables = ({ survey }: Proposal) => survey.tables.flatMap(partNames);

/** Makes a question from the proposal so far. Undefined if there is nothing to choose. */
type Ask = (proposal: Proposal) => Omit<Question, 'key'> | undefined;

/** Makes the question for the table of a role. */
const askTable =
  (role: RoleName): Ask =>
  (proposal) => ({
    text: `table of ${role}`,
    answer: proposal.roles[role].table.name,
    choices: tables(proposal),
    isUnsure: isUnsure(proposal.roles, role),
  });

/** Makes the question for the column of the products table with the code, name or class. */
const askOfProducts =
  (part: 'code' | 'name' | 'class'): Ask =>
  ({ roles: { products: of }, products }) => ({
    text: `column of ${of.table.name} with the ${part}`,
    answer: products[part].column?.name ?? noColumn,
    choices: part === 'code' ? names(of.table) : orNone(names(of.table)),
  });

/** Makes the question for the column of the holdings table with the day of opening or closing. */
const askDay =
  (part: 'date' | 'closed', what: string): Ask =>
  ({ roles, holdings }) => ({
    text: `column of ${roles.holdings.table.name} with the day of ${what}`,
    answer: holdings[part].column?.name ?? noColumn,
    choices: dates(roles.holdings.table),
  });

const questions: Readonly<Record<keyof InitAnswers, Ask>> = {
  customers: askTable('customers'),
  id: ({ roles: { customers } }) => ({
    text: `column of ${customers.table.name} with the id of a customer`,
    answer: customers.id.name,
    choices: names(customers.table),
  }),
  products: askTable('products'),
  holdings: askTable('holdings'),
  customer: ({ roles: { holdings: held } }) => ({
    text: `column of ${held.table.name} that names the customer`,
    answer: held.customer.from.column.name,
    choices: names(held.table),
  }),
  product: ({ roles: { holdings: held } }) =>
    held.product && {
      text: `column of ${held.table.name} that names the product`,
      answer: held.product.from.column.name,
      choices: names(held.table),
    },
  code: askOfProducts('code'),
  name: askOfProducts('name'),
  class: askOfProducts('class'),
  date: askDay('date', 'opening'),
  closed: askDay('closed', 'closing'),
  consent: ({ survey, roles, consents }) => ({
    text: 'column with the consent to be addressed',
    answer: consents[0]?.column.name ?? noColumn,
    choices: orNone([roles.customers.table, ...otherTables(survey, roles)].flatMap(names)),
  }),
  allowed: ({ consents }) => {
    const open = consents.find(isOpen);
    if (!open) return undefined;
    const numbers = open.readings.map((reading) => `${readingValue(reading)}: ${readingCount(reading, open)}`).join(', ');
    const text = `value of ${open.table.name}.${open.column.name} with which customers may be contacted (${numbers})`;
    return { text, answer: noColumn, choices: orNone(open.readings.map(readingValue)) };
  },
  dayOrder: ({ survey }) => {
    const either = survey.tables.flatMap(({ name, columns }) =>
      columns.filter(({ isEither }) => isEither).map((column) => `${name}.${column.name}`),
    );
    if (either.length === 0) return undefined;
    const text = `order of day and month in ${either.join(', ')}, which has no day above 12`;
    return { text, answer: 'DD/MM', choices: ['DD/MM', 'MM/DD'], isUnsure: true };
  },
  referenceDate: ({ referenceDate }) => ({ text: 'day to recommend as of', answer: referenceDate?.date ?? '', choices: null }),
};

/** Order of the questions. A table comes before its columns. */
const questionOrder: readonly (keyof InitAnswers)[] = [
  ...(['customers', 'holdings', 'products', 'id', 'customer', 'product', 'code', 'name', 'class'] as const),
  ...(['dayOrder', 'date', 'closed', 'consent', 'allowed', 'referenceDate'] as const),
];

/** Question after the question `before`; the first if `before` is undefined. Undefined if there are no more. */
export function nextQuestion(proposal: Proposal, before: keyof InitAnswers | undefined): Question | undefined {
  for (const key of questionOrder.slice(before === undefined ? 0 : questionOrder.indexOf(before) + 1)) {
    const question = questions[key](proposal);
    if (question) return { key, ...question };
  }
  return undefined;
}
