import type { TlsSettings } from '@basketwise/data';
import { z } from 'zod';
import { text } from '../values/schemas.ts';

/** How a connection is encrypted: `tls: {}` believes the authorities that Node knows. */
export const tls = z.strictObject({
  /** A PEM file with the authorities that may have signed the server's certificate. */
  ca: text.optional(),
  /** The name in the certificate, where it is not `host`. */
  server_name: text.optional(),
  verify: z.boolean().default(true),
});

/** The same for the connection; `path` makes a path of the config absolute. */
export function tlsSettings(options: z.output<typeof tls>, path: (relative: string) => string): TlsSettings {
  return { ca: options.ca && path(options.ca), serverName: options.server_name, verify: options.verify };
}
