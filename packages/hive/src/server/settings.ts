import type { TlsSettings } from '@basketwise/data';

/** Address of HiveServer2, or of a server of its protocol, and how to connect. */
export interface HiveSettings {
  /** The program that answers there. Default: `hive`. */
  engine?: 'hive' | 'spark' | undefined;
  host: string;
  port: number;
  /** Further servers of the same tables, each tried if those before it cannot be reached. */
  others?: readonly HostPort[] | undefined;
  /** Registry of the servers; used instead of `host` and `others`. */
  zookeeper?: ZookeeperSettings | undefined;
  database: string;
  /**
   * As `hive.server2.authentication` of the server: `none` (any user; a NOSASL server is recognised), `nosasl`, `plain`
   * (LDAP, PAM, CUSTOM: user and password) or `kerberos` (the ticket in the user's cache).
   */
  auth: 'none' | 'nosasl' | 'plain' | 'ldap' | 'kerberos';
  user: string;
  password?: string | undefined;
  /** Service principal of `kerberos`. Default: the service `hive` of the host. */
  kerberos?: KerberosSettings | undefined;
  transport: 'binary' | 'http';
  /** Path of the HTTP transport. */
  httpPath?: string | undefined;
  /** Verification of the server if the connection is encrypted; absent: it is not encrypted. */
  tls?: TlsSettings | undefined;
  /** Milliseconds for opening a connection and its session. */
  connectTimeout: number;
  /** Milliseconds a statement may run before it is cancelled; the limit also applies to every fetch. */
  statementTimeout: number;
  /** Session settings, e.g. `tez.queue.name`. */
  session?: Readonly<Record<string, string>> | undefined;
}

/** A server and its port. */
export interface HostPort {
  host: string;
  port: number;
}

/** Registry of the servers (`hive.server2.support.dynamic.service.discovery`). */
interface ZookeeperSettings {
  /** `host:port` of each member. */
  quorum: readonly string[];
  /** As `hive.server2.zookeeper.namespace` of the servers. */
  namespace: string;
  /** Seed of the order in which the servers are tried. */
  seed: number;
}

/** A service of Kerberos, and the client principal. */
interface KerberosSettings {
  service: string;
  /** Default: the host of the connection. */
  host?: string | undefined;
  /** A ticket of another realm is refused. */
  realm?: string | undefined;
  /** Required principal of the ticket. Default: that of the cache. */
  client?: string | undefined;
}

/** `Hive at host:port`, or the registry, as messages name the server. */
export function serverName({
  engine,
  host,
  port,
  zookeeper,
}: Pick<HiveSettings, 'engine' | 'host' | 'port' | 'zookeeper'>): string {
  const name = engine === 'spark' ? 'Spark' : 'Hive';
  return zookeeper ? `${name} by ZooKeeper ${zookeeper.quorum.join(',')}/${zookeeper.namespace}` : `${name} at ${host}:${port}`;
}

/** Place in the config of the server's address. */
export function settingsKey({ engine }: Pick<HiveSettings, 'engine'>): string {
  return `source.${engine ?? 'hive'}`;
}
