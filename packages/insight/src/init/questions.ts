import type { Proposal } from './propose.ts';
import { type InitAnswers, isUnsure, noColumn, otherTables } from './roles.ts';
import { partNames, type TableFacts } from './survey.ts';

/** Question about a bank's tables, with the guessed answer. */
export interface Question {
  key: keyof InitAnswers;
  text: string;
  answer: string;
  /** All possible answers. Null: a day, YYYY-MM-DD. */
  choices: readonly string[] | null;
  /** Whether the evidence decides for no table. The guess then counts only if it is given as the answer. */
  isUnsure?: boolean;
}

const names = ({ columns }: TableFacts) => columns.map(({ name }) => name);
const orNone = (all: readonly string[]) => [...all, noColumn];

/** Question of a key, given the tables known so far. Undefined if there is no choice. */
function questionOf(
  key: keyof InitAnswers,
  { survey, roles, products, holdings, consents, referenceDate }: Proposal,
): Omit<Question, 'key'> | undefined {
  const tables = survey.tables.flatMap(partNames);
  const { customers, holdings: held } = roles;
  const dates = (table: TableFacts) => orNone(table.columns.filter(({ isDate }) => isDate).map(({ name }) => name));
  const questions: Record<keyof InitAnswers, () => Omit<Question, 'key'> | undefined> = {
    customers: () => ({
      text: 'table of customers',
      answer: customers.table.name,
      choices: tables,
      isUnsure: isUnsure(roles, 'customers'),
    }),
    id: () => ({
      text: `column of ${customers.table.name} with the id of a customer`,
      answer: customers.id.name,
      choices: names(customers.table),
    }),
    products: () => ({
      text: 'table of products',
      answer: roles.products.table.name,
      choices: tables,
      isUnsure: isUnsure(roles, 'products'),
    }),
    holdings: () => ({
      text: 'table of holdings',
      answer: held.table.name,
      choices: tables,
      isUnsure: isUnsure(roles, 'holdings'),
    }),
    customer: () => ({
      text: `column of ${held.table.name} that names the customer`,
      answer: held.customer.from.column.name,
      choices: names(held.table),
    }),
    product: () =>
      held.product && {
        text: `column of ${held.table.name} that names the product`,
        answer: held.product.from.column.name,
        choices: names(held.table),
      },
    code: () => ({
      text: `column of ${roles.products.table.name} with the code`,
      answer: products.code.column?.name ?? noColumn,
      choices: names(roles.products.table),
    }),
    name: () => ({
      text: `column of ${roles.products.table.name} with the name`,
      answer: products.name.column?.name ?? noColumn,
      choices: orNone(names(roles.products.table)),
    }),
    class: () => ({
      text: `column of ${roles.products.table.name} with the class`,
      answer: products.class.column?.name ?? noColumn,
      choices: orNone(names(roles.products.table)),
    }),
    date: () => ({
      text: `column of ${held.table.name} with the day of opening`,
      answer: holdings.date.column?.name ?? noColumn,
      choices: dates(held.table),
    }),
    closed: () => ({
      text: `column of ${held.table.name} with the day of closing`,
      answer: holdings.closed.column?.name ?? noColumn,
      choices: dates(held.table),
    }),
    consent: () => ({
      text: 'column with the consent to be addressed',
      answer: consents[0]?.column.name ?? noColumn,
      choices: orNone([customers.table, ...otherTables(survey, roles)].flatMap(names)),
    }),
    dayOrder: () => {
      const either = survey.tables.flatMap(({ name, columns }) =>
        columns.filter(({ isEither }) => isEither).map((column) => `${name}.${column.name}`),
      );
      if (either.length === 0) return undefined;
      const text = `order of day and month in ${either.join(', ')}, which has no day above 12`;
      return { text, answer: 'DD/MM', choices: ['DD/MM', 'MM/DD'], isUnsure: true };
    },
    referenceDate: () => ({ text: 'day to recommend as of', answer: referenceDate?.date ?? '', choices: null }),
  };
  return questions[key]();
}

/** Questions in order: tables before their columns. */
const questionOrder: readonly (keyof InitAnswers)[] = [
  ...(['customers', 'holdings', 'products', 'id', 'customer', 'product', 'code', 'name', 'class'] as const),
  ...(['dayOrder', 'date', 'closed', 'consent', 'referenceDate'] as const),
];

/** Next question after `before`, the first if it is undefined. Undefined at the end. */
export function nextQuestion(proposal: Proposal, before: keyof InitAnswers | undefined): Question | undefined {
  for (const key of questionOrder.slice(before === undefined ? 0 : questionOrder.indexOf(before) + 1)) {
    const question = questionOf(key, proposal);
    if (question) return { key, ...question };
  }
  return undefined;
}
