const secret = /pass(word|wd|phrase)?|secret|token|credential|api_?key|keytab/i;
const pointer = /_(env|file)$/i;

/** A copy of `value` in which everything under a key that names a secret is replaced; where a secret comes from (`..._env`) stays. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    secret.test(key) && !pointer.test(key) && inner !== null && inner !== undefined ? '[redacted]' : redact(inner),
  ]);
  return Object.fromEntries(entries);
}
