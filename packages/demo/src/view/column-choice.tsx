import { type ColumnDoubt, columnDoubts } from '../engine/column-doubts.ts';
import type { ColumnRole } from '../engine/column-roles.ts';
import type { ChosenFile } from '../engine/seen-file.ts';
import { filled, usePage } from './context.ts';
import type { Texts } from './english.ts';

interface ColumnChoiceProps {
  chosen: ChosenFile;
  /** Meanings that columns of the file can have. */
  roles: readonly ColumnRole[];
  disabled: boolean;
  onChange: (chosen: ChosenFile) => void;
}

/** Form for choosing the columns of a file. It shows reasons to check them, and the first rows. */
export function ColumnChoice({ chosen, roles, disabled, onChange }: ColumnChoiceProps) {
  const { t } = usePage();
  const doubts = columnDoubts(chosen.seen, chosen.roles, roles);
  return (
    <div class="columns">
      <h3>{filled(t.columns.title, { file: chosen.file.name })}</h3>
      <div class="fields">
        {roles.map((role) => (
          <label key={role}>
            <span>{t.columns.roles[role]}</span>
            <select
              value={chosen.roles[role] ?? ''}
              disabled={disabled}
              onChange={({ currentTarget: { value } }) => {
                const { [role]: _, ...others } = chosen.roles;
                onChange({ ...chosen, roles: value === '' ? others : { ...others, [role]: value } });
              }}
            >
              <option value="">{t.columns.none}</option>
              {chosen.seen.columns.map(({ name }) => (
                <option value={name} key={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      {doubts.length > 0 && (
        <div class="note doubts">
          <strong>{t.columns.check}</strong>
          <ul>
            {doubts.map((doubt) => (
              <li key={`${doubt.key} ${doubt.role}`} data-doubt={doubt.key}>
                {doubtText(doubt, t)}
              </li>
            ))}
          </ul>
        </div>
      )}
      <FirstRows chosen={chosen} roles={roles} />
    </div>
  );
}

function doubtText({ key, role, column, count }: ColumnDoubt, t: Texts): string {
  return filled(t.columns.doubts[key], { role: role === null ? '' : t.columns.roles[role], column, count });
}

/** Table of a file's first rows. The headings of chosen columns show their meanings. */
function FirstRows({ chosen: { file, seen, roles: columns }, roles }: Pick<ColumnChoiceProps, 'chosen' | 'roles'>) {
  const { t } = usePage();
  const meanings = (column: string) => roles.filter((role) => columns[role] === column).map((role) => t.columns.roles[role]);
  const label = filled(t.columns.rows, { file: file.name });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls a wide table
    <section class="first-rows" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {seen.columns.map(({ name }) => (
              <th scope="col" class={meanings(name).length > 0 ? 'chosen' : undefined} key={name}>
                {name}
                <small>{meanings(name).join(', ')}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {seen.rows.map((row, i) => (
            <tr key={String(i)}>
              {row.map((text, at) => (
                <td class={meanings(seen.columns[at]!.name).length > 0 ? 'chosen' : undefined} key={seen.columns[at]!.name}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Buttons that load an example file of holdings, with or without dates. */
export function ExampleFiles({ disabled, onFile }: { disabled: boolean; onFile: (file: Promise<File>) => void }) {
  const { engine, language, t } = usePage();
  const names = language === 'ko' ? 'name' : 'english';
  return (
    <div class="examples">
      <span class="hint">{t.columns.example}</span>
      {[true, false].map((dated) => (
        <button
          type="button"
          class="quiet"
          disabled={disabled}
          onClick={() => onFile(engine.run('example', { dated, names }))}
          key={String(dated)}
        >
          {dated ? t.columns.tryDated : t.columns.tryUndated}
        </button>
      ))}
    </div>
  );
}
