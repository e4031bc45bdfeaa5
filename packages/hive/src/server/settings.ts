import type { Login } from '@basketwise/data';

/** Address of HiveServer2, or of a server with its protocol, and how to connect. */
export interface HiveSettings extends Login {
  /** Kind of server at this address. Default: `hive`. */
  engine?: 'hive' | 'spark' | undefined;
  port: number;
  /** Further servers that have the same tables, tried in order if the earlier ones cannot be reached. */
  others?: readonly HostPort[] | undefined;
  /** ZooKeeper registry in which the servers are found. It replaces `host` and `others`. */
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
  /** Service principal for `auth: kerberos`. Default: the service `hive` on the host. */
  kerberos?: KerberosSettings | undefined;
  transport: 'binary' | 'http';
  /** Path for HTTP transport. Absent: binary transport. */
  httpPath?: string | undefined;
  /** Time limit for opening a connection with its session, in milliseconds. */
  connectTimeout: number;
  /** Time limit of a statement in milliseconds, after which it is cancelled. Each fetch has the same limit. */
  statementTimeout: number;
  /** Session settings, such as `tez.queue.name`. */
  session?: Readonly<Record<string, string>> | undefined;
}

/** Server and its port. */
export interface HostPort {
  host: string;
  port: number;
}

/** ZooKeeper registry of the servers (`hive.server2.support.dynamic.service.discovery`). */
interface ZookeeperSettings {
  /** Address `host:port` of each ZooKeeper server. */
  quorum: readonly string[];
  /** Namespace of the servers in the registry (`hive.server2.zookeeper.namespace`). */
  namespace: string;
  /** Seed of the order in which the servers are tried. */
  seed: number;
}

/** Kerberos names of the service and of the client. */
interface KerberosSettings {
  service: string;
  /** Host in the service principal. Default: the host of the connection. */
  host?: string | undefined;
  /** Realm of the service principal. A ticket of another realm is refused. */
  realm?: string | undefined;
  /** Principal that the ticket must have. Default: any principal in the cache. */
  client?: string | undefined;
}

/** Name of the server for messages: `Hive at host:port`, or the name of the registry. */
export function serverName({
  engine,
  host,
  port,
  zookeeper,
}: Pick<HiveSettings, 'engine' | 'host' | 'port' | 'zookeeper'>): string {
  const name = engine === 'spark' ? 'Spark' : 'Hive';
  return zookeeper ? `${name} by ZooKeeper ${zookeeper.quorum.join(',')}/${zookeeper.namespace}` : `${name} at ${host}:${port}`;
}

/** Key of the config that has the server's address, for messages. */
export function settingsKey({ engine }: Pick<HiveSettings, 'engine'>): string {
  return `source.${engine ?? 'hive'}`;
}
