import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { AppError } from '@basketwise/core/base';
import { readWhole } from '../files/open-file.ts';

/** How the identity of a server is verified. */
export interface TlsSettings {
  /** Path of a PEM file with the certificate authorities that are accepted. Default: the certificate authorities of Node. */
  ca?: string | undefined;
  /** Name that the server's certificate must have. Default: the name of the host. */
  serverName?: string | undefined;
  /** Whether the certificate is verified. False: any server is accepted. */
  verify: boolean;
}

/**
 * Options of an encrypted connection to `host`. The connection fails if the certificate does not prove the identity of the server.
 * @throws AppError missing-input if the file of authorities cannot be read, bad-data if it has no certificate
 */
export async function tlsOptions({ ca, serverName, verify }: TlsSettings, host: string): Promise<ConnectionOptions> {
  const name = serverName ?? host;
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verify,
    ...(ca !== undefined && { ca: await authorities(ca) }),
    // An IP address cannot be sent as server name, although a certificate can contain it.
    ...(isIP(name) === 0 && { servername: name }),
    // The certificate must have the configured name. The default check uses the name of the host.
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

/** Error codes of OpenSSL and Node that mean that a certificate failed the verification. */
const certificateRefusals =
  /^(CERT_|CRL_|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT)_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/;

/** Whether a connection failed because the server's certificate was refused, so that a retry would not help. */
export function isRefusedCertificate(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && certificateRefusals.test(error.code);
}
