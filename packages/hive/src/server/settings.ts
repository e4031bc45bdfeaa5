import type { TlsSettings } from '@basketwise/data';

/** Address of HiveServer2, or of a server with its protocol, and how to connect. */
export interface HiveSettings {
  /** Program of the server. Default: `hive`. */
  engine?: 'hive' | 'spark' | undefined;
  host: string;
  port: number;
  /** Further servers of the same tables. Each is tried if the earlier ones cannot be reached. */
  others?: readonly HostPort[] | undefined;
  /** Registry of the servers, used instead of `host` and `others`. */
  zookeeper?: ZookeeperSettings | undefined;
  database: string;
  /**
   * Authentication, as `hive.server2.authentication` of the server:
   * - `none`: any user; a NOSASL server is recognised
   * - `nosasl`
   * - `plain`, `ldap`: user and password (LDAP, PAM, CUSTOM)
   * - `kerberos`: the ticket in the user's cache
   */
  auth: 'none' | 'nosasl' | 'plain' | 'ldap' | 'kerberos';
  user: string;
  password?: string | undefined;
  /** Service principal of `kerberos`. Default: the service `hive` of the host. */
  kerberos?: KerberosSettings | undefined;
  transport: 'binary' | 'http';
  /** Path of the HTTP transport. */
  httpPath?: string | undefined;
  /** Verification of the server. Absent: the connection is not encrypted. */
  tls?: TlsSettings | undefined;
  /** Milliseconds for opening a connection and its session. */
  connectTimeout: number;
  /** Milliseconds before a statement is cancelled. The limit also applies to every fetch. */
  statementTimeout: number;
  /** Session settings, such as `tez.queue.name`. */
  session?: Readonly<Record<string, string>> | undefined;
}

/** Server and its port. */
export interface HostPort {
  host: string;
  port: number;
}

/** Registry of the servers (`hive.server2.support.dynamic.service.discovery`). */
interface ZookeeperSettings {
  /** `host:port` of each member. */
  quorum: readonly string[];
  /** Namespace, as `hive.server2.zookeeper.namespace` of the servers. */
  namespace: string;
  /** Seed of the order in which the servers are tried. */
  seed: number;
}

/** Service of Kerberos, and the client principal. */
interface KerberosSettings {
  service: string;
  /** Host. Default: that of the connection. */
  host?: string | undefined;
  /** Realm. A ticket of another realm is refused. */
  realm?: string | undefined;
  /** Required principal of the ticket. Default: that of the cache. */
  client?: string | undefined;
}

/** Name of the server in messages: `Hive at host:port`, or the registry. */
export function serverName({
  engine,
  host,
  port,
  zookeeper,
}: Pick<HiveSettings, 'engine' | 'host' | 'port' | 'zookeeper'>): string {
  const name = engine === 'spark' ? 'Spark' : 'Hive';
  return zookeeper ? `${name} by ZooKeeper ${zookeeper.quorum.join(',')}/${zookeeper.namespace}` : `${name} at ${host}:${port}`;
}

/** Config key of the server's address. */
export function settingsKey({ engine }: Pick<HiveSettings, 'engine'>): string {
  return `source.${engine ?? 'hive'}`;
}
