import { percent } from '@basketwise/data/published';
import type { ConfigWriter } from './config-writer.ts';
import { isUnsure, type RoleName, type Roles } from './roles.ts';
import type { SqlTexts, TableFacts } from './survey.ts';

/** Evidence for all compositions of a table, the first ones first. */
function compositionsOf({ made }: TableFacts): string[] {
  return made ? [...made.parts.flatMap(compositionsOf), made.why] : [];
}

/** Comments and notes on the composition of a table. */
export function writeCompositions(out: ConfigWriter, role: RoleName, table: TableFacts): void {
  for (const why of compositionsOf(table)) {
    out.comment(4, why);
    out.note('check', `tables.${role}.sql`, why);
  }
}

/** `from`, or `sql` of a composed table; a comment with the two best tables if a person must choose one: a run is refused until then. */
export function writeFrom(out: ConfigWriter, role: RoleName, roles: Roles, sql: SqlTexts): void {
  const { table } = roles[role];
  const { value, runnerUp } = roles.confidence[role];
  if (isUnsure(roles, role) && runnerUp) {
    out.comment(4, `from: ${table.name} | ${runnerUp.name}`);
    out.note(
      'edit',
      `tables.${role}.from`,
      `${table.name} and ${runnerUp.name} fit about as well (confidence ${percent(value, 0)}): choose one. The columns below are those of ${table.name}`,
    );
  } else if (table.made) {
    writeCompositions(out, role, table);
    out.block(4, 'sql', table.made.query(sql));
  } else out.entry(4, 'from', table.name);
}
