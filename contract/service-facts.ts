import type { HostPrivilege } from "./host-privilege";
import type { SecretShape } from "./secret-shapes";

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
  /** What is done to the service's containers while files are copied; nothing unless said. */
  readonly quiesce?: "pause" | "stop";
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
