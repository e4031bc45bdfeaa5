/** Terms by which runs of one generated config differ. */
export interface ConfigTerms {
  /** Memory that the engine may use, as the config writes it; default 4GB. */
  memory?: string;
  /** Formats of the results; default Parquet alone. */
  formats?: readonly string[];
  /** Without probabilities. */
  plain?: boolean;
}

/** A config as the sample writes it, with other terms. */
export function withTerms(config: string, { memory = '4GB', formats = ['parquet'], plain = false }: ConfigTerms): string {
  const differing = config
    .replace('memory: 4GB', `memory: ${memory}`)
    .replace('formats: [parquet, csv]', `formats: [${formats.join(', ')}]`);
  return `${differing}${plain ? 'calibrate: false\n' : ''}`;
}
