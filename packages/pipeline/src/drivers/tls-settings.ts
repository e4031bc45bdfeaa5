import type { TlsSettings } from '@basketwise/data';
import { z } from 'zod';
import { text } from '../values/schemas.ts';

/** Encryption of a connection. `tls: {}` trusts the certificate authorities that Node trusts. */
export const tls = z.strictObject({
  ca: text
    .optional()
    .describe("PEM file with the authorities that may sign the server's certificate; without it those that Node trusts."),
  server_name: text.optional().describe('Name in the certificate, if it is not `host`.'),
  verify: z.boolean().default(true).describe('Whether the certificate is checked. `false` accepts any server: for trials only.'),
});

/**
 * Encryption settings of a connection, as the clients take them.
 * @param path resolves a path of the config to an absolute path
 */
export function tlsSettings(options: z.output<typeof tls>, path: (relative: string) => string): TlsSettings {
  return { ca: options.ca && path(options.ca), serverName: options.server_name, verify: options.verify };
}
