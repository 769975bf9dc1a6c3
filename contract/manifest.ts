import type { AccessControlDocument } from "./access-rules";
import type { BackupAgentFacts } from "./backups";
import type { DirectoryFacts, FirewallFacts } from "./host-facts";
import type { HolderKind, LedgerEntry, LedgerSecret } from "./ledger";
import type { SecretUseFacts } from "./secret-shapes";
import type { DataFormatFacts, HostPrivilegeFacts, PortFacts, ServiceFacts } from "./service-facts";

/** The version of the manifest's format. It changes when a reader of the old format would misread the new one. */
export const MANIFEST_VERSION = 2;

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
    /** Who backs it up, where no backup agent of the lab does. */
    readonly backedUpBy?: string;
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
    /** Who backs up its databases, where nobody of the lab does. */
    readonly backedUpBy?: string;
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
