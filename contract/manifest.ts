import type { BackupAgentFacts } from "./backups";
import type { HostPrivilege } from "./host-privilege";
import type { HolderKind, LedgerEntry, LedgerSecret } from "./ledger";

/** The version of the manifest's format. It changes when a reader of the old format would misread the new one. */
export const MANIFEST_VERSION = 2;

/** One rule in Authelia's format. */
export interface AccessRule {
  /** Host names. */
  readonly domain: readonly string[];
  /**
   * Regular expressions of Go over path and query; any matches.
   *
   * @default - every path
   */
  readonly resources?: readonly string[];
  /** What is asked. */
  readonly policy: "bypass" | "one_factor" | "two_factor" | "deny";
  /**
   * Who the rule is about; any matches.
   *
   * @default - everybody
   */
  readonly subject?: readonly (string | readonly string[])[];
}

/** Authelia's `access_control`. */
export interface AccessControlDocument {
  /** What holds where no rule matches. */
  readonly default_policy: "deny";
  /** The rules; the first that matches counts. */
  readonly rules: readonly AccessRule[];
}

/** How a value that nobody chooses is made by `homelab secrets generate`. */
export type SecretShape =
  | {
      /** How many characters the value has. */
      readonly length: number;
      /** What they are taken from, each as likely; `a-z A-Z 0-9` unless said. */
      readonly alphabet?: string;
    }
  | {
      /** The full name of the secret that this one is the digest of, `$pbkdf2-sha512$…` as Authelia reads it. */
      readonly digestOf: string;
    }
  | {
      /** The kind of private key, PKCS #8 in PEM. */
      readonly keyPair: KeyPairKind;
    };

/** What a value must be fit for: a password of PostgreSQL, which takes some text for something else. */
export type SecretKind = "postgresql-password";

/** The kinds of keys that can be made. */
export type KeyPairKind = "rsa-2048" | "rsa-4096" | "ed25519";

/** Where in a service something is: the part that says it, and the container that the part belongs to. */
export interface PartFacts {
  /** The part's key; one of a companion is `companion.part`. */
  readonly part: string;
  /** The container's name. */
  readonly container: string;
}

/** A route of a service. */
export interface RouteFacts extends PartFacts {
  /** The address people type. */
  readonly url: string;
  /** All host names that lead to it. */
  readonly hosts: readonly string[];
  /** The paths it is limited to; empty means all. */
  readonly paths: readonly string[];
  /** Whether it has a public name or one of the LAN only. */
  readonly reach: "public" | "lan";
  /** The zone it belongs to. */
  readonly zone: string;
  /** What sign-on asks for. */
  readonly policy: "bypass" | "one_factor" | "two_factor";
  /** Who may pass, in Authelia's terms; empty means everybody who signs in. */
  readonly subjects: readonly (string | readonly string[])[];
  /** Why nobody has to sign in, for a public route. */
  readonly reason?: string;
  /** Paths that are open, and why. */
  readonly bypass: readonly { readonly paths: readonly string[]; readonly reason: string }[];
}

/** A database of a service. */
export interface DatabaseFacts extends PartFacts {
  /** The database server's name. */
  readonly server: string;
  /** The database's name. */
  readonly name: string;
  /** Every role that may connect, the owner first. */
  readonly roles: readonly string[];
}

/** A secret that a service uses; never its value. */
export interface SecretFacts extends PartFacts {
  /** The full name. */
  readonly name: string;
  /** The generation of its value. */
  readonly generation: number;
  /** Why it rests in Terraform's state, where it does. */
  readonly persisted?: string;
  /** How it is made, for a value that nobody chooses. */
  readonly shape?: SecretShape;
}

/** What is backed up, and when. */
export interface BackupFacts extends PartFacts {
  /** Time of day, `02:30`, in the host's time zone. */
  readonly at: string;
  /** How many copies are kept. */
  readonly keep: { readonly daily: number; readonly weekly: number; readonly monthly: number; readonly yearly: number };
  /** Ledger keys of what is backed up. */
  readonly holders: readonly string[];
  /** Holders left out, and why. */
  readonly exclude: Readonly<Record<string, string>>;
  /** Commands that run in the container before and after. */
  readonly before: readonly (readonly string[])[];
  /** Commands that run in the container afterwards. */
  readonly after: readonly (readonly string[])[];
}

/** A monitor that watches a service. */
export interface MonitorFacts extends PartFacts {
  /** What kind of check it is. */
  readonly kind: "http" | "keyword" | "tcp" | "heartbeat";
  /** What is checked: a URL, `host:port` or a slug. */
  readonly target: string;
  /** Whether it alarms, or is paused until the service is engaged. */
  readonly engaged: boolean;
}

/** That data is not backed up. */
export interface UnprotectedFacts extends PartFacts {
  /** Why. */
  readonly reason: string;
}

/** What runs periodically. */
export interface JobFacts extends PartFacts {
  /** When, in words or as a cron line. */
  readonly schedule: string;
  /** What runs inside the container. */
  readonly command: readonly string[];
}

/** A path of the host that is not the service's own. */
export interface HostPathFacts extends PartFacts {
  /** The path on the host. */
  readonly path: string;
  /** Whether the container can't write there. */
  readonly readOnly: boolean;
  /** Why the container has it, where it is more than files. */
  readonly reason?: string;
}

/** A hold of a container on its host. */
export interface HostPrivilegeFacts extends HostPrivilege {
  /** The part that brings it; none for an attribute of the container. */
  readonly part?: string;
  /** The container's name. */
  readonly container: string;
  /** Why it has it; what is but a device needs none. */
  readonly reason?: string;
}

/** Somebody who has an account at the sign-on; nothing that they sign in with, no address, no full name. */
export interface PersonFacts extends PartFacts {
  /** The name that they sign in with. */
  readonly name: string;
  /** The groups that access rules name. */
  readonly groups: readonly string[];
}

/** How a sign-on lets people in. */
export interface SignOnFacts extends PartFacts {
  /** Where accounts are: in a file that the code writes, or in a directory that the lab does not see into. */
  readonly accounts: "file" | "directory";
  /** How long a session lasts: at all, unused, and where somebody asks to be remembered. */
  readonly session: { readonly expiration: string; readonly inactivity: string; readonly rememberMe: string };
  /** After how many wrong passwords in what time somebody is kept out, and for how long. */
  readonly regulation?: { readonly maxRetries: number; readonly findTime: string; readonly banTime: string };
}

/** A further container of a service; `part` is its key. */
export interface CompanionFacts extends PartFacts {
  /** Its image. */
  readonly image: string;
  /** Why the image has no version, where it has none. */
  readonly unpinned?: string;
}

/** What a container's image means for data; `part` is the companion's key, or nothing for the service's own container. */
export interface DataFormatFacts extends PartFacts {
  /** What a newer major version does with the data of an older one: see `DataFormat`. */
  readonly versions: "refuses" | "step-by-step" | "migrates" | "any";
  /** Why versions don't matter, where they don't. */
  readonly reason?: string;
}

/** A port that is published on the host; `part` is what publishes it: a part, or another service's `reachableFromLan()`. */
export interface PortFacts extends PartFacts {
  /** The host's address. */
  readonly ip: string;
  /** The port on the host. */
  readonly external: number;
  /** The port in the container. */
  readonly internal: number;
  /** The protocol. */
  readonly protocol: "tcp" | "udp";
  /** The networks that the host's firewall lets in, where it is not all that the address says. */
  readonly from?: readonly string[];
  /** What stands before it, where it is not the service itself. */
  readonly guard?: string;
}

/** What the parts of one service add to the manifest. */
export interface ServiceFacts {
  /** Routes that lead to it. */
  readonly routes: readonly RouteFacts[];
  /** Databases it has. */
  readonly databases: readonly DatabaseFacts[];
  /** Secrets it needs. */
  readonly secrets: readonly SecretFacts[];
  /** How its data is backed up. */
  readonly backups: readonly BackupFacts[];
  /** Why its data is not backed up. */
  readonly unprotected: readonly UnprotectedFacts[];
  /** Monitors that watch it. */
  readonly monitors: readonly MonitorFacts[];
  /** What runs periodically. */
  readonly jobs: readonly JobFacts[];
  /** Paths of the host that it uses and that are not its own. */
  readonly hostPaths: readonly HostPathFacts[];
  /** Further containers of the service. */
  readonly companions: readonly CompanionFacts[];
  /** Who has an account, for a sign-on whose accounts the code knows; nothing where an earlier version did not say. */
  readonly people?: readonly PersonFacts[];
  /** How it signs people in, for a sign-on. */
  readonly signOns?: readonly SignOnFacts[];
}

/** The lists of a service that says nothing; a further list is there only where something is said in it. */
export const NO_FACTS: ServiceFacts = {
  routes: [],
  databases: [],
  secrets: [],
  backups: [],
  unprotected: [],
  monitors: [],
  jobs: [],
  hostPaths: [],
  companions: [],
  people: [],
  signOns: [],
};

/** A secret of the lab, whoever uses it; never its value. */
export interface SecretUseFacts {
  /** The full name. */
  readonly name: string;
  /** The generation of its value. */
  readonly generation: number;
  /** The fingerprint of its value, where the store keeps one. */
  readonly fingerprint?: string;
  /** The stacks whose deployment needs the value. */
  readonly stacks: readonly string[];
  /** The stacks in whose state it rests, and why. */
  readonly persisted: Readonly<Record<string, string>>;
  /** How it is made, for a value that nobody chooses. */
  readonly shape?: SecretShape;
  /** What the value must be fit for. */
  readonly as?: SecretKind;
}

/** What a container does when a file changed under it: it gets a signal, looks for itself, restarts, or runs a program. */
export type FileReload = "signal" | "watched" | "restart" | "command";

/** A directory of files that a stack places on a host. */
export interface DirectoryFacts {
  /** The host. */
  readonly host: string;
  /** The stack that places it. */
  readonly stack: string;
  /** Absolute path on the host. */
  readonly path: string;
  /** The container that mounts it; none for files of the host itself. */
  readonly container?: string;
  /** Its files by name. */
  readonly files: readonly {
    readonly name: string;
    /** Numeric owner, `uid:gid`. */
    readonly owner: string;
    /** Octal mode. */
    readonly mode: string;
    /** The hash of the content, where it holds no secret. */
    readonly sha256?: string;
    /** What stands for a content that holds secrets. */
    readonly version?: string;
    /** What the container does with a new content, where it is not replaced. */
    readonly onChange?: FileReload;
  }[];
}

/** A port that a firewall opens. */
export interface OpenPort {
  /** The port on the host. */
  readonly port: number;
  /** The protocol. */
  readonly protocol: "tcp" | "udp";
  /** The address of the host that it is published on; undefined is any. */
  readonly address: string | undefined;
  /** From where it is reached: everywhere, the LAN, or these networks. */
  readonly from: "everywhere" | "lan" | readonly string[];
  /** Whether a program of the host itself listens, not a container's published port. */
  readonly onHost: boolean;
  /** Who asked for it, for whoever reads the rules. */
  readonly by: string;
}

/** What the firewall of a host lets in; everything else it drops. */
export interface FirewallFacts {
  /** The networks that sshd is reached from. */
  readonly ssh: readonly string[];
  /** The networks of the LAN. */
  readonly lan: readonly string[];
  /** The open ports. */
  readonly ports: readonly OpenPort[];
}

/** One service of the lab. */
export interface ServiceManifest extends ServiceFacts {
  /** The name it was declared with. */
  readonly name: string;
  /** The host it runs on. */
  readonly host: string;
  /** The stack that deploys it. */
  readonly stack: string;
  /** The container's name. */
  readonly container: string;
  /** Its image. */
  readonly image: string;
  /** Why the image has no version, where it has none. */
  readonly unpinned?: string;
  /** The port it listens on, inside its networks. */
  readonly port?: number;
  /** Whether it has a health check, or why not. */
  readonly health: "checked" | { readonly none: string };
  /** Ports published on the host, by the port in the container. */
  readonly ports: readonly PortFacts[];
  /** Set where it shares its host's network: every port that it opens is one of the host. */
  readonly hostNetwork?: boolean;
  /** What versions of its images mean for its data, where its containers say so. */
  readonly dataFormats?: readonly DataFormatFacts[];
  /** Services it needs. */
  readonly needs: readonly { readonly service: string; readonly restart: boolean }[];
  /** The addresses of its resources, by stack. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
  /** What its containers have of the host, beside files that are nobody's. */
  readonly privileges: readonly HostPrivilegeFacts[];
  /** What holds its data, by ledger key. */
  readonly data: readonly { readonly key: string; readonly kind: HolderKind; readonly name: string }[];
  /** Rules it is excepted from, and why. */
  readonly acknowledged: Readonly<Record<string, string>>;
}

/** The lab as plain data, `homelab.json`: what every report and command reads. */
export interface Manifest {
  /** Version of this format. */
  readonly version: typeof MANIFEST_VERSION;
  /** The environment, for example `staging`. */
  readonly environment?: string;
  /** The hosts by name. */
  readonly hosts: readonly {
    readonly name: string;
    readonly stack: string;
    readonly lanAddress: string;
    readonly publicAddress?: string;
    readonly storage: string;
    readonly timeZone: string;
    /** How a deployer reaches it. */
    readonly ssh?: {
      readonly user: string;
      /** The uid of that user, where the inventory says one. */
      readonly uid?: number;
      readonly port: number;
      readonly hostKey?: string;
      /** Public keys of those who deploy. */
      readonly authorizedKeys?: readonly string[];
      /** Where these keys are accepted from. */
      readonly from?: readonly string[];
    };
    /** The folder in which its storage layout keeps data, as `<folder>/<service>/<part>`. */
    readonly dataFolder?: string;
    /** The folders of its storage layout. */
    readonly folders?: readonly string[];
    /** What its firewall lets in; `null` where it has none of the lab's, nothing where an earlier version did not say. */
    readonly firewall?: FirewallFacts | null;
  }[];
  /** The zones by name. */
  readonly zones: readonly {
    readonly name: string;
    readonly stack: string;
    /** How people get in, in words. */
    readonly ingress: string;
    /** The same as data: the way, and the host that it goes through. An earlier version did not say. */
    readonly entry?: { readonly kind: "direct" | "through" | "tunnel"; readonly host?: string };
    readonly accountId?: string;
  }[];
  /** The DNS records of all zones. */
  readonly records: readonly {
    readonly name: string;
    readonly type: string;
    readonly content: string;
    readonly proxied: boolean;
  }[];
  /** The database servers by name. */
  readonly databaseServers: readonly {
    readonly name: string;
    readonly stack: string;
    readonly host: string;
    readonly port: number;
    readonly managed: boolean;
    /** Whether the roles of services may not connect to `postgres` and `template1`. */
    readonly revokesPublicConnect: boolean;
    /** The role that makes databases and roles. */
    readonly adminRole?: string;
    /** Why its databases are found at another address than before. */
    readonly relocation?: string;
    /** The host through whose SSH a deployment reaches it, and the Terraform variables for where the tunnel begins. */
    readonly through?: { readonly host: string; readonly hostVariable: string; readonly portVariable: string };
  }[];
  /** The services by name. */
  readonly services: readonly ServiceManifest[];
  /** The backup agents of hosts; nothing where an earlier version did not say. */
  readonly backupAgents?: readonly BackupAgentFacts[];
  /** The directories of files on hosts, by host and path. */
  readonly directories: readonly DirectoryFacts[];
  /** The access rules of the whole lab, as Authelia reads them. */
  readonly accessControl: AccessControlDocument;
  /** What holds data, by ledger key, released holders included. */
  readonly ledger: Readonly<Record<string, LedgerEntry & { readonly released: boolean }>>;
  /** What was retired and may not be gone yet, by ledger key. */
  readonly retired?: Readonly<Record<string, LedgerEntry>>;
  /** The secrets whose names are no longer those of their services and parts, and those retired, by ledger key. */
  readonly ledgerSecrets?: Readonly<Record<string, LedgerSecret>>;
  /** The file that the ledger is kept in. */
  readonly ledgerFile?: string;
  /** All secrets by name. */
  readonly secrets: readonly SecretUseFacts[];
  /** Where the values of secrets come from. */
  readonly secretStore: string;
  /** The file of the store, for one that is a file. */
  readonly secretsFile?: string;
  /** The file that the generations of the secrets are kept in. */
  readonly generationsFile?: string;
}

/** The manifest of a lab that declares nothing; every section is there in every manifest. */
export const EMPTY_MANIFEST: Manifest = {
  version: MANIFEST_VERSION,
  hosts: [],
  zones: [],
  records: [],
  databaseServers: [],
  services: [],
  directories: [],
  accessControl: { default_policy: "deny", rules: [] },
  ledger: {},
  secrets: [],
  secretStore: "environment",
};
