import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { AppError } from '@basketwise/core/error';
import { readWhole } from './open-file.ts';

/** How a server is known to be the one that is meant. */
export interface TlsSettings {
  /** Path of a PEM file with the authorities that may have signed the server's certificate. Default: those that Node knows. */
  ca?: string | undefined;
  /** Name that the certificate must bear, where it is not the host's. */
  serverName?: string | undefined;
  /** Whether the certificate is looked at; without, whoever answers is believed. */
  verify: boolean;
}

/**
 * Options of a connection to `host` that is encrypted, and refused where the certificate is not that of the server.
 * @throws AppError missing-input where the file of authorities cannot be read, bad-data where no certificate is in it
 */
export async function tlsOptions({ ca, serverName, verify }: TlsSettings, host: string): Promise<ConnectionOptions> {
  const name = serverName ?? host;
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verify,
    ...(ca !== undefined && { ca: await authorities(ca) }),
    // an address cannot be asked for by name, though a certificate may bear it
    ...(isIP(name) === 0 && { servername: name }),
    // by our own name: clients may ask by the host's
    checkServerIdentity: (_, certificate) => (verify ? checkServerIdentity(name, certificate) : undefined),
  };
}

async function authorities(path: string): Promise<string> {
  const content = await readWhole(path).catch((cause: NodeJS.ErrnoException) => {
    throw new AppError('missing-input', `tls.ca: cannot read ${path}: ${cause.code}`, 'Name a PEM file of certificates.', {
      cause,
    });
  });
  if (content.includes('-----BEGIN CERTIFICATE-----')) return content.toString('utf8');
  throw new AppError('bad-data', `tls.ca: ${path} has no certificate in it`, 'Name a PEM file of certificates.');
}

/** Names that OpenSSL, and Node after it, has for certificates that it does not believe. */
const certificateRefusals =
  /^(CERT_|CRL_|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT)_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/;

/** Whether a connection ended because the server's certificate was refused: asking again changes nothing. */
export function isRefusedCertificate(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && certificateRefusals.test(error.code);
}
