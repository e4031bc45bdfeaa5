import { contactScore, isAnswer } from './evidence.ts';
import { type Link, linkTo } from './links.ts';
import { otherTables, type Roles, type Survey } from './roles.ts';
import type { ColumnFacts, TableFacts } from './survey.ts';
import { kindScore } from './words.ts';

/** Guess of the table that logs contacts with customers, and of its columns. */
export interface ContactGuess {
  table: TableFacts;
  customer: Link;
  when: ColumnFacts;
  /** Column that names the products or campaigns of contacts. Undefined if there is none. */
  what: { column: ColumnFacts; by: 'code' | 'name' | 'campaign' } | undefined;
  answer: ColumnFacts | undefined;
}

/** Score from which a table counts as a contact log. A table reaches it with two of three signs: channels, answers and names. */
const leastScore = 0.5;

/** Looks for a contact log among the tables that have no role. */
export function guessContacts(survey: Survey, roles: Roles, isTaken: (table: TableFacts) => boolean): ContactGuess | undefined {
  const { customers, products } = roles;
  const logs = otherTables(survey, roles)
    .filter((table) => !isTaken(table) && contactScore(table) >= leastScore)
    .sort((a, b) => contactScore(b) - contactScore(a));
  for (const table of logs) {
    const customer = linkTo(survey.links, table, customers.table, customers.id);
    const dates = table.columns.filter(({ isDate, first }) => isDate && first !== null);
    const when = dates.find(({ name }) => kindScore(name, 'recorded') === 0) ?? dates[0];
    if (!customer || customer.share < 0.5 || !when) continue;
    const product = linkTo(survey.links, table, products.table, undefined);
    const campaign = table.columns.find(
      (column) => column.kind === 'text' && column !== customer.from.column && /campa|kampagne|캠페인/i.test(column.name),
    );
    const answers = table.columns.filter((column) => isAnswer(column) || kindScore(column.name, 'answer') > 0);
    return {
      ...{ table, customer, when, answer: answers.find(isAnswer) ?? answers[0] },
      what:
        product && product.share >= 0.8
          ? { column: product.from.column, by: product.to.column === products.key ? 'code' : 'name' }
          : campaign && { column: campaign, by: 'campaign' },
    };
  }
  return undefined;
}
