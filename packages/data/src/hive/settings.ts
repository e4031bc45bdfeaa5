import type { TlsSettings } from '../engine/tls.ts';

/** Where HiveServer2, or a server of its protocol, is and how to talk to it. */
export interface HiveSettings {
  /** The program that answers there. Default: `hive`. */
  engine?: 'hive' | 'spark' | undefined;
  host: string;
  port: number;
  /** Further servers of the same tables, each tried when those before it cannot be reached. */
  others?: readonly HostPort[] | undefined;
  /** Where servers enter themselves; they are asked for there instead of `host` and `others`. */
  zookeeper?: ZookeeperSettings | undefined;
  database: string;
  /**
   * As `hive.server2.authentication` of the server: `none` (any user; a NOSASL server is recognised), `nosasl`, `plain`
   * (LDAP, PAM, CUSTOM: user and password) or `kerberos` (the ticket in the user's cache).
   */
  auth: 'none' | 'nosasl' | 'plain' | 'ldap' | 'kerberos';
  user: string;
  password?: string | undefined;
  /** Who is asked for by `kerberos`. Default: the service `hive` of the host. */
  kerberos?: KerberosSettings | undefined;
  transport: 'binary' | 'http';
  /** Path of the HTTP transport. */
  httpPath?: string | undefined;
  /** How the server is known where the connection is encrypted; absent: it is not. */
  tls?: TlsSettings | undefined;
  /** Milliseconds within which a connection and its session must stand. */
  connectTimeout: number;
  /** Milliseconds a statement may run before it is cancelled; every fetch has as long. */
  statementTimeout: number;
  /** Session settings, e.g. `tez.queue.name`. */
  session?: Readonly<Record<string, string>> | undefined;
}

/** A server and its port. */
export interface HostPort {
  host: string;
  port: number;
}

/** Where servers enter themselves (`hive.server2.support.dynamic.service.discovery`). */
interface ZookeeperSettings {
  /** `host:port` of each member. */
  quorum: readonly string[];
  /** As `hive.server2.zookeeper.namespace` of the servers. */
  namespace: string;
  /** Decides the order in which the servers are tried. */
  seed: number;
}

/** A service of Kerberos, and who comes. */
interface KerberosSettings {
  service: string;
  /** Default: the host that is connected to. */
  host?: string | undefined;
  /** A ticket of another realm is refused. */
  realm?: string | undefined;
  /** The principal whose ticket it must be. Default: whose the cache is. */
  client?: string | undefined;
}

/** `Hive at host:port`, or where it is entered, as messages name the server. */
export function serverName({
  engine,
  host,
  port,
  zookeeper,
}: Pick<HiveSettings, 'engine' | 'host' | 'port' | 'zookeeper'>): string {
  const name = engine === 'spark' ? 'Spark' : 'Hive';
  return zookeeper ? `${name} by ZooKeeper ${zookeeper.quorum.join(',')}/${zookeeper.namespace}` : `${name} at ${host}:${port}`;
}

/** Where the config says how to reach the server. */
export function settingsKey({ engine }: Pick<HiveSettings, 'engine'>): string {
  return `source.${engine ?? 'hive'}`;
}
