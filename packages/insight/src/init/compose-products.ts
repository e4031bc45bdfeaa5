import { guessProducts } from './guess.ts';
import type { Link } from './links.ts';
import { type Plan, type PlanInputs, withClassNames } from './made-tables.ts';
import { otherTables, type Roles } from './roles.ts';
import { type ColumnFacts, isUnique, type TableFacts, valueTexts } from './survey.ts';
import { kindScore, likeness, yesOf } from './words.ts';

/** Largest number of rows of a table of codes. */
const mostCodes = 300;
/** Largest number of product classes. */
const mostProductClasses = 40;

/** Column with the names in a table of codes. Undefined if there is none. */
function nameIn({ columns, rows }: TableFacts, key: ColumnFacts): ColumnFacts | undefined {
  return columns
    .filter(
      ({ kind, isDate, nulls, distinct, longest }) =>
        kind === 'text' && !isDate && nulls === 0 && distinct >= 0.9 * rows && longest > key.longest,
    )
    .filter((column) => column !== key)
    .sort((a, b) => kindScore(b.name, 'name') - kindScore(a.name, 'name'))[0];
}

/** How well a column of codes suits as the class of products: by the share of codes that occur, then by the column's name. */
function classFit({ from, to, covered }: Link): number {
  return (
    covered +
    likeness(from.column.name, `${to.table.name} ${to.column.name}`) +
    2 * kindScore(from.column.name, 'class') +
    kindScore(to.table.name, 'class')
  );
}

/** Smallest fit of a column of codes. It excludes unrelated columns in which numbers such as 1 to 5 also occur. */
const leastFit = 1.2;

/** Looks for a table of codes that gives the names of the product classes. */
export async function findClassNames({ survey, choices }: PlanInputs, roles: Roles): Promise<Plan | undefined> {
  const { table } = roles.products;
  if (choices.class !== undefined || table.made?.class !== undefined) return undefined;
  const { code, name } = guessProducts(roles, choices);
  const others = otherTables(survey, roles);
  const isClass = ({ from: { table: of, column }, to, share }: Link) =>
    of === table &&
    ![code.column, name.column].includes(column) &&
    others.includes(to.table) &&
    share >= 0.95 &&
    to.table.rows <= mostCodes &&
    isUnique(to.column, to.table) &&
    column.distinct <= Math.min(mostProductClasses, table.rows / 2) &&
    yesOf(valueTexts(column)) === undefined &&
    nameIn(to.table, to.column) !== undefined;
  const [best] = survey.links.filter(isClass).sort((a, b) => classFit(b) - classFit(a));
  if (!best || classFit(best) < leastFit) return undefined;
  const names = nameIn(best.to.table, best.to.column)!;
  const why = `${best.to.table.name} names the codes of ${best.from.column.name}: its ${names.name} is the class`;
  return withClassNames(best, names, why);
}
