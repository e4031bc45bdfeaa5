import type { WrittenStyle } from '@basketwise/data';
import { z } from 'zod';

/** Schema of `config.output` in a manifest: the keys that determine the format of the run's result files. */
export const writtenStyle = z.looseObject({
  formats: z.array(z.enum(['parquet', 'csv'])),
  escape_formulas: z.boolean(),
  csv: z.object({ delimiter: z.string() }).optional(),
  parquet: z.object({ integer_ids: z.boolean() }).optional(),
}) satisfies z.ZodType<WrittenStyle>;
