import type { WrittenStyle } from '@basketwise/data';
import { z } from 'zod';

/** `config.output` of a manifest, as far as it tells how the run's results are read. */
export const writtenStyle = z.looseObject({
  formats: z.array(z.enum(['parquet', 'csv'])),
  escape_formulas: z.boolean(),
  csv: z.object({ delimiter: z.string() }).optional(),
  parquet: z.object({ integer_ids: z.boolean() }).optional(),
}) satisfies z.ZodType<WrittenStyle>;
