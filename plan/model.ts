import type { HostGrant } from "../contract/host-privilege";
import type { Finding } from "./findings";

/** The version of the report's format. It changes when a reader of the old format would misread the new one. */
export const PLAN_VERSION = 2;

/** What a plan was held against. */
export interface BaseFacts {
  /** What was asked for: a branch, a tag, a commit, or `none`. */
  readonly ref: string;
  /** The commit. */
  readonly commit?: string;
  /** The first line of its message. */
  readonly subject?: string;
}

/** What happens to one resource. */
export type ChangeKind =
  /** It is made. */
  | "created"
  /** What exists already is taken over. */
  | "adopted"
  /** It changes in place. */
  | "changed"
  /** A container is replaced by another. */
  | "restarted"
  /** A script runs on the host once more: it places files, links a folder, installs a timer. */
  | "repeated"
  /** Only its address changes. */
  | "renamed"
  /** Terraform lets go of it and leaves it as it is. */
  | "released"
  /** It is destroyed and made anew. */
  | "replaced"
  /** It is destroyed. */
  | "destroyed";

/** What happens to one resource, and why. */
export interface ResourceReport {
  /** The stack. */
  readonly stack: string;
  /** The address, after the change. */
  readonly address: string;
  /** The address before, where it moves. */
  readonly previousAddress?: string;
  /** The construct that makes it. */
  readonly path?: string;
  /** The service that it belongs to; none for what several share. */
  readonly service?: string;
  /** What happens. */
  readonly kind: ChangeKind;
  /** What causes it, in words: `image`, `label traefik.http.routers.app.rule`, `config file /etc/app.conf`. */
  readonly causes: readonly string[];
}

/** What becomes of one service. */
export interface ServiceReport {
  /** Its name; the last one that it had. */
  readonly service: string;
  /** The host that it runs on; the last one. */
  readonly host: string;
  /** What becomes of it as a whole. */
  readonly change: "added" | "returns" | "removed" | "renamed" | "relocated" | "changed" | "unchanged";
  /** The name that it had. */
  readonly renamedFrom?: string;
  /** The host that it ran on. */
  readonly relocatedFrom?: string;
  /** How many of its resources go through what. */
  readonly counts: Readonly<Record<ChangeKind, number>>;
  /** Its containers that restart, and why. */
  readonly restarts: readonly { readonly container: string; readonly causes: readonly string[] }[];
  /** What its images were, and become. */
  readonly images: readonly { readonly before: string; readonly after: string }[];
  /** Services that need it, and are interrupted while it restarts or is gone. */
  readonly dependents: readonly string[];
}

/** An address that people or machines use. */
export interface AddressReport {
  /** What happens to it. */
  readonly change: "appears" | "vanishes" | "changes";
  /** A URL, a DNS record or a published port. */
  readonly address: string;
  /** The service behind it. */
  readonly service?: string;
  /** The part of the service that it belongs to; one of a companion is `companion.part`. */
  readonly part?: string;
  /** The container behind it. */
  readonly container?: string;
  /** What it pointed to. */
  readonly before?: string;
  /** What it points to. */
  readonly after?: string;
  /** Whether it is a port that becomes open to the internet, past the proxy and its sign-on. */
  readonly becomesPublic?: boolean;
}

/** Who may pass to an address, before and after. */
export interface AccessReport {
  /** The host name and path, for example `docs.example.com/api`; a host name alone is all of it. */
  readonly address: string;
  /** The service behind it. */
  readonly service?: string;
  /** The route that leads there; one of a companion is `companion.route`. */
  readonly part?: string;
  /** The container behind it. */
  readonly container?: string;
  /** Whether more or fewer may pass, or both, or it is new. */
  readonly change: "widens" | "narrows" | "differs" | "appears";
  /** Who may pass now. */
  readonly after: readonly string[];
  /** Who could. */
  readonly before: readonly string[];
  /** Whether it becomes open to everybody on the internet, without sign-on. */
  readonly becomesPublic: boolean;
}

/** A hold of a container on its host, which it gets or no longer has. */
export interface PrivilegeReport {
  /** Whether it has it now, or had it. */
  readonly change: "appears" | "vanishes";
  /** The service; none for a container that was made past the library. */
  readonly service?: string;
  /** The part that brings it; none for an attribute of the container. */
  readonly part?: string;
  /** The container. */
  readonly container: string;
  /** The host. */
  readonly host: string;
  /** What it is, for example `mount /var/run/docker.sock`. */
  readonly means: string;
  /** What it gives to whoever is in the container. */
  readonly grants: HostGrant;
  /** Why it has it. */
  readonly reason?: string;
}

/** Data that the change touches. */
export interface DataReport {
  /** What happens to it. */
  readonly risk:
    /** It is destroyed. */
    | "destroyed"
    /** Its place is another one, which is empty until somebody copies it: somebody said how. */
    | "relocated"
    /** A service that has data starts with an empty place for it, and nobody said how it gets there. */
    | "starts-empty"
    /** A program of another version or vendor gets it: what that does to it can't be taken back. */
    | "irreversible"
    /** A container no longer has it where it was: it is where it is needed now, at another path or in another container. */
    | "kept"
    /** The code no longer declares it; it stays where it is. */
    | "released"
    /** It is found again by its name. */
    | "returns"
    /** It is no longer backed up. */
    | "not-backed-up";
  /** Its key in the ledger, or its address. */
  readonly holder: string;
  /** What holds it, for example `volume`. */
  readonly kind: string;
  /** What it is called on its host or server. */
  readonly name: string;
  /** Where it is, for example `host app-01`. */
  readonly place: string;
  /** The service. */
  readonly service?: string;
  /** The container that had it, or gets it. */
  readonly container?: string;
  /** Set where it may be so, and has to be read; without it, it is so. */
  readonly severity?: "warning";
  /** What is to be known or done, in one sentence. */
  readonly message: string;
}

/** A secret whose value a deployer sets. */
export interface SecretReport {
  /** The secret's name. */
  readonly name: string;
  /** The variable of the environment that holds its value. */
  readonly variable: string;
  /** The stacks that need it. */
  readonly stacks: readonly string[];
  /** Why: it is new, or has another generation. */
  readonly why: "new" | "new generation";
}

/** One step of the deployment. */
export interface StepReport {
  /** What to type. */
  readonly command: string;
  /** What it is for. */
  readonly why: string;
}

/** What a change of the code does to a lab. */
export interface PlanReport {
  /** Version of this format. */
  readonly version: typeof PLAN_VERSION;
  /** What it was held against. It is not the deployed state. */
  readonly base: BaseFacts;
  /** The line to read first. */
  readonly headline: string;
  /** Everything that the change does, the worst first: the first line, the gates and the exit code follow from it. */
  readonly findings: readonly Finding[];
  /** The services that something happens to, by name. Empty where the two labs can't be compared by service. */
  readonly services: readonly ServiceReport[];
  /** Every resource that something happens to. */
  readonly resources: readonly ResourceReport[];
  /** Addresses that appear, vanish or change. */
  readonly addresses: readonly AddressReport[];
  /** Access that becomes another. */
  readonly access: readonly AccessReport[];
  /** What containers get of their hosts, or no longer have. */
  readonly privileges: readonly PrivilegeReport[];
  /** Data that the change touches; what is at risk comes first. */
  readonly data: readonly DataReport[];
  /** Secrets whose values a deployer sets. */
  readonly secrets: readonly SecretReport[];
  /** Stacks that the code no longer has: what they made stays where it is. */
  readonly abandonedStacks: readonly string[];
  /** The deployment, in the order that the change needs. */
  readonly steps: readonly StepReport[];
  /** What a reader must know besides: what a provider plans and does not do, what the plan could not see. */
  readonly notes: readonly string[];
}

/** Whether data is lost, or a service would start without its own when nobody does something about it. */
export function isAtRisk({ risk, severity }: DataReport): boolean {
  return severity === undefined && ["destroyed", "starts-empty", "relocated", "irreversible"].includes(risk);
}

/** What becomes open to everybody on the internet. */
export function exposures({ findings }: Pick<PlanReport, "findings">): string[] {
  return findings.flatMap(({ concern, severity, subject }) =>
    concern === "public" && severity === "danger" ? [subject] : [],
  );
}

/** Whether the change does nothing at all. */
export function isEmpty({ findings }: Pick<PlanReport, "findings">): boolean {
  return findings.length === 0;
}
