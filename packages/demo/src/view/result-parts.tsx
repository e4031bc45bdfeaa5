import { formatted, usePage } from './context.ts';

/** List of figures with their labels. */
export function Facts({ facts }: { facts: readonly (readonly [string, string])[] }) {
  return (
    <dl class="facts">
      {facts.map(([value, label]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Numbers of excluded rows by reason. Shows `none` if no row was excluded. */
export function LeftOut({ lines }: { lines: readonly (readonly [number, string])[] }) {
  const { language, t } = usePage();
  const some = lines.filter(([count]) => count > 0);
  return (
    <div class="left-out">
      <h3>{t.leftOut}</h3>
      {some.length === 0 ? (
        <p>{t.none}</p>
      ) : (
        <ul>
          {some.map(([count, label]) => (
            <li key={label}>
              {formatted(count, language)} {label}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
