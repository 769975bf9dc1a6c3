import { isIP } from "node:net";
import type { BackupAgentFacts, BackupRepositoryFacts } from "../../contract/backups";
import { quote } from "../../contract/text";
import { checkAbsolutePath, checkName, checkPort } from "../values/names";

type Kind = BackupRepositoryFacts["kind"];
type Engine = BackupAgentFacts["engine"];

/** Options of every repository. */
export interface RepositoryOptions {
  /**
   * Whether it outlives the host: it is on another machine, best in another house.
   *
   * @default - what is in a folder of the host does not, all else does
   */
  readonly offsite?: boolean;
}

/** Options for `Repository.ssh()`. */
export interface SshRepositoryOptions extends RepositoryOptions {
  /** The host name or address. */
  readonly host: string;
  /** The user there. */
  readonly user: string;
  /** The folder there: an absolute path, or one in the user's home: `backups`. */
  readonly path: string;
  /** The pinned public host key: its type and its base64, as in `known_hosts`. */
  readonly hostKey: string;
  /**
   * The port of sshd.
   *
   * @default 22
   */
  readonly port?: number;
}

/** Options for `Repository.s3()`. */
export interface S3RepositoryOptions extends RepositoryOptions {
  /** The bucket. */
  readonly bucket: string;
  /**
   * The address of an S3-compatible server, for example `https://s3.example.com`.
   *
   * @default "https://s3.amazonaws.com"
   */
  readonly endpoint?: string;
  /**
   * What the names of all objects begin with.
   *
   * @default "homelab"
   */
  readonly prefix?: string;
}

/** A place that copies go to, each service into a folder of its own there. */
export class Repository {
  /** A folder of the host itself: a disk of its own, or something mounted. It is made where it is missing. */
  public static local(path: string, options: RepositoryOptions = {}): Repository {
    checkAbsolutePath(path, "Repository.local()", "path");
    if (/["']/.test(path))
      throw new Error(
        `Repository.local(): 'path' must have no quotes, which no mount of Docker has, got ${quote(path)}`,
      );
    if (/^\/var\/lib\/docker(\/|$)/.test(path)) {
      throw new Error(
        `Repository.local(): 'path' must not be in the folder of Docker, where the data is that it keeps copies of, got ${quote(path)}: choose another one, for example "/srv/backup"`,
      );
    }
    return new Repository("local", options.offsite ?? false, () => path, { path });
  }

  /** A folder of another machine, over SSH. Its key is made by the lab; the host prints the public half. */
  public static ssh(options: SshRepositoryOptions): Repository {
    const subject = "Repository.ssh()";
    const { host, user, path, hostKey, port = 22, offsite = true } = options;
    if (isIP(host) === 0) checkName("hostName", host, subject, "host");
    if (!/^[a-z_][a-z0-9_.-]*$/i.test(user))
      throw new Error(`${subject}: 'user' must be a user name, for example "backup", got ${quote(user)}`);
    if (!/^\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(path) || path.split("/").includes(".."))
      throw new Error(
        `${subject}: 'path' must be a folder of letters, digits, dots, underscores and hyphens, for example "backups", got ${quote(path)}`,
      );
    if (!/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*$/.test(hostKey))
      throw new Error(
        `${subject}: 'hostKey' must be the host's public key as "ssh-keyscan ${host}" prints it after the name, for example "ssh-ed25519 AAAA…", got ${quote(hostKey)}`,
      );
    checkPort(port, subject, "port");
    const address = isIP(host) === 6 ? `[${host}]` : host;
    const locationFor = (engine: Engine): string => {
      const authority = `${user}@${address}:${port}`;
      // Borg has `/./` before what is in the home, restic a second slash before what is not.
      if (engine === "borgmatic") return `ssh://${authority}${path.startsWith("/") ? path : `/./${path}`}`;
      return `sftp://${authority}/${path}`;
    };
    const knownHost = port === 22 ? host : `[${host}]:${port}`;
    return new Repository("ssh", offsite, locationFor, { knownHosts: `${knownHost} ${hostKey}\n` });
  }

  /** A bucket of Amazon S3 or of something compatible. */
  public static s3(options: S3RepositoryOptions): Repository {
    const subject = "Repository.s3()";
    const { bucket, endpoint = "https://s3.amazonaws.com", prefix = "homelab", offsite = true } = options;
    const url = checkUrl(endpoint, subject, "endpoint");
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
      throw new Error(
        `${subject}: 'bucket' must be lowercase letters, digits, dots and hyphens, for example "lab-backups", got ${quote(bucket)}`,
      );
    if (!/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(prefix) || prefix.split("/").includes(".."))
      throw new Error(
        `${subject}: 'prefix' must be words of letters, digits, dots, underscores and hyphens, for example "homelab", got ${quote(prefix)}`,
      );
    return new Repository("s3", offsite, () => `s3:${url}/${bucket}/${prefix}`);
  }

  /** A server of restic's own protocol, by its URL. */
  public static rest(url: string, options: RepositoryOptions = {}): Repository {
    const address = checkUrl(url, "Repository.rest()", "url");
    return new Repository("rest", options.offsite ?? true, () => `rest:${address}`);
  }

  private constructor(
    /** How it is reached. */
    public readonly kind: Kind,
    /** Whether it outlives the host. */
    public readonly offsite: boolean,
    /** Where it is, as an engine writes it. */
    public readonly locationFor: (engine: Engine) => string,
    /** The folder of the host, or how the other host is known. */
    public readonly at: { readonly path?: string; readonly knownHosts?: string } = {},
  ) {}
}

/** A URL without a slash at its end, and without a password: what is in it is in the manifest. */
function checkUrl(value: string, subject: string, option: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !/[\s']/.test(value);
  if (!isPlain)
    throw new Error(
      `${subject}: '${option}' must be a URL, for example "https://backup.example.com:8000", got ${quote(value)}`,
    );
  if (url.username !== "" || url.password !== "")
    throw new Error(
      `${subject}: '${option}' must not have a user or a password, which are secrets of the lab: leave them out of the URL`,
    );
  return value.replace(/\/+$/, "");
}
