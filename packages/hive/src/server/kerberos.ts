import { createRequire } from 'node:module';
import { AppError } from '@basketwise/core';
import { wordsOf } from './failure.ts';
import { type HiveSettings, serverName } from './settings.ts';

/** The used part of the client in the package `kerberos`. It exchanges tokens (base64) with a service. */
interface KerberosClient {
  /** Whether client and service have authenticated each other. */
  readonly contextComplete: boolean;
  /** Takes a token of the server, and returns the client's answer; null if no answer is needed. */
  step(challenge: string): Promise<string | null>;
  /** Removes the protection from a message of the server. */
  unwrap(sealed: string): Promise<string>;
  /** Protects a message. Its first byte is the chosen security layer. */
  wrap(message: string, options: { user: string }): Promise<string>;
}

/** The used part of the package `kerberos`. */
interface KerberosPackage {
  initializeClient(service: string, options: Record<string, unknown>): Promise<KerberosClient>;
  GSS_MECH_OID_KRB5: number;
  GSS_C_MUTUAL_FLAG: number;
  GSS_C_SEQUENCE_FLAG: number;
  GSS_C_INTEG_FLAG: number;
}

/** Exchange of tokens that has begun. */
export interface KerberosExchange {
  client: KerberosClient;
  /** First token, which the client sends. */
  token: string;
}

/**
 * Begins an exchange of tokens with the service of the settings. Uses the ticket in the user's cache.
 * @throws AppError config if the package is missing or the ticket is of another realm, not-permitted without a valid ticket,
 * unreachable without a KDC
 */
export async function beginExchange(settings: HiveSettings): Promise<KerberosExchange> {
  const { service, host = settings.host, realm, client: principal } = settings.kerberos ?? { service: 'hive' };
  const { initializeClient, ...constants } = loadKerberos(settings);
  const name = `${service}/${host.toLowerCase()}`;
  try {
    const client = await initializeClient(`${service}@${host.toLowerCase()}`, {
      ...(principal !== undefined && { principal }),
      flags: constants.GSS_C_MUTUAL_FLAG | constants.GSS_C_SEQUENCE_FLAG | constants.GSS_C_INTEG_FLAG,
      mechOID: constants.GSS_MECH_OID_KRB5,
    });
    const token = (await client.step('')) ?? '';
    if (realm !== undefined) checkRealm(settings, name, realm, token);
    return { client, token };
  } catch (error) {
    throw kerberosFailure(settings, name, error);
  }
}

/**
 * Loads the package, a native module, only when it is used.
 * @throws AppError config if the package or its libraries are missing
 */
function loadKerberos(settings: HiveSettings): KerberosPackage {
  try {
    return createRequire(import.meta.url)('kerberos') as KerberosPackage;
  } catch (cause) {
    const isAbsent = cause instanceof Error && /Cannot find module 'kerberos'/.test(cause.message);
    throw new AppError(
      'config',
      `${serverName(settings)}: auth: kerberos needs the package kerberos, which ${isAbsent ? 'is not installed' : `cannot be loaded: ${wordsOf(cause, settings)}`}`,
      isAbsent
        ? 'Install it beside Basketwise: npm install kerberos@7 (docs/servers.md#kerberos).'
        : 'It needs libgssapi-krb5 of the system, and must have been built for this machine (docs/servers.md#kerberos).',
      { cause },
    );
  }
}

/** ASN.1 bytes before and after the realm in a ticket. Before it is the ticket's version, after it the service's name. */
const [beforeRealm, behindRealm] = [Buffer.from([0xa0, 3, 2, 1, 5, 0xa1]), 0xa2];

/** Refuses a token whose ticket is of another realm than the settings require. krb5.conf determines the realm. */
function checkRealm(settings: HiveSettings, name: string, realm: string, token: string): void {
  const text = Buffer.from(realm);
  const expected = Buffer.concat([
    beforeRealm,
    Buffer.from([text.length + 2, 0x1b, text.length]),
    text,
    Buffer.from([behindRealm]),
  ]);
  if (Buffer.from(token, 'base64').includes(expected)) return;
  throw new AppError(
    'config',
    `${serverName(settings)}: the ticket for ${name} is of another realm than ${realm}`,
    'krb5.conf sets the realm of a host ([domain_realm], default_realm): correct it there, or leave the realm out of `principal`.',
  );
}

interface Cause {
  matches: RegExp;
  what: string;
  hint: string;
}

/** Messages of libkrb5, each with an explanation for operators. */
const causes: readonly Cause[] = [
  {
    matches: /expired/i,
    what: 'the ticket has expired',
    hint: 'Get a new one before the batch: kinit -kt KEYTAB PRINCIPAL (docs/servers.md#kerberos).',
  },
  {
    matches: /No Kerberos credentials available|No credentials cache|Can't find client principal|not yet valid/i,
    what: 'there is no ticket',
    hint: 'Get one before the batch, as its user and with its KRB5CCNAME: kinit -kt KEYTAB PRINCIPAL (docs/servers.md#kerberos).',
  },
  {
    matches: /Clock skew/i,
    what: 'the clocks of this machine and of the KDC differ by more than Kerberos allows (5 minutes)',
    hint: 'Set the clocks by NTP: timedatectl says whether this machine does.',
  },
  {
    matches: /not found in Kerberos database|Server not found/i,
    what: 'the KDC does not know the service',
    hint: "Check `principal`: hive.server2.authentication.kerberos.principal of the server, and the host's name as DNS and krb5.conf make it.",
  },
];

/**
 * Converts the failure of an exchange to an AppError, by the cause in its message. For an unknown cause, the hint refers to the
 * administrator of the KDC.
 */
function kerberosFailure(settings: HiveSettings, name: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const words = wordsOf(error, settings).replace(/^Unspecified GSS failure\. +Minor code may provide more information: /, '');
  if (/Cannot (contact|find) (any )?KDC|Cannot resolve/i.test(words)) {
    return new AppError(
      'unreachable',
      `${serverName(settings)}: no KDC can be reached for ${name}: ${words}`,
      'Check [realms] in krb5.conf, and that a KDC is up.',
      { cause: error },
    );
  }
  const { what, hint } = causes.find(({ matches }) => matches.test(words)) ?? {
    what: 'Kerberos gives no ticket for the service',
    hint: 'klist and kvno on this machine, as the user of the batch, say more.',
  };
  return new AppError('not-permitted', `${serverName(settings)}: ${what} (${name}): ${words}`, hint, { cause: error });
}
