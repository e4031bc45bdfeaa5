import { type ColumnFacts, type TableFacts, valueTexts } from './survey.ts';
import { kindScore } from './words.ts';

/** Matches the beginnings of values that name a channel of contact. */
const channelValues =
  /^(e-?mail|mail|correo|phone|call|tel\b|tel[eé]fono|telefon|t[eé]l[eé]phone|telefone|llamada|anruf|appel|sms|letter|carta|brief|courrier|post|branch|sucursal|oficina|filiale|agence|ag[eê]ncia|app\b|push|web|online|visit|전화|문자|이메일|우편|방문|앱|지점)/i;
/** Matches the beginnings of values that are a customer's answer to a contact. */
const answerValues =
  /^(no.?answer|not.?reached|reached|interest|not.?interest|accept|refus|declin|call.?back|bought|sale|no.?sale|interesad|no (interesad|contesta)|rechaz|acept|contrata|vend|aplazad|kein interesse|nicht erreicht|abgelehnt|angenommen|abschluss|int[eé]ress|pas int|sans r|absent|sem interesse|recus|aceit|부재|거절|수락|관심|성공|실패|승낙)/i;

/** Whether most values of a column match a pattern. */
function hasMost(values: readonly string[], pattern: RegExp): boolean {
  return values.length > 1 && values.filter((value) => pattern.test(value.trim())).length >= 0.6 * values.length;
}

/** Whether most values of a column are answers of customers to a contact. */
export function isAnswer(column: ColumnFacts): boolean {
  return hasMost(valueTexts(column), answerValues);
}

const highest = ({ columns }: TableFacts, fit: (column: ColumnFacts) => number) => Math.max(0, ...columns.map(fit));

/**
 * How much a table looks like a contact log, 0 to 1: by values that are channels or answers, then by the names of its columns.
 */
export function contactScore(table: TableFacts): number {
  const hasChannel = table.columns.some((column) => hasMost(valueTexts(column), channelValues));
  const score =
    (hasChannel ? 0.4 : 0) +
    (table.columns.some(isAnswer) ? 0.4 : 0) +
    0.2 * highest(table, ({ name }) => kindScore(name, 'contact')) +
    0.2 * highest(table, ({ name }) => kindScore(name, 'answer')) +
    0.3 * kindScore(table.name, 'contact');
  return Math.min(1, score);
}
