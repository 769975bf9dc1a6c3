import { Token } from "cdktf";
import { quote } from "../../contract/text";

/** What a kind of name looks like, and how to say so. */
interface NameRule {
  readonly pattern: RegExp;
  readonly maxLength: number;
  readonly shape: string;
}

const RULES = {
  /** People type these at a prompt, and they end up in host names, container names and database names. */
  service: {
    pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    maxLength: 40,
    shape: 'lowercase letters, digits and inner hyphens, for example "paperless"',
  },
  partKey: { pattern: /^[a-z][A-Za-z0-9]*$/, maxLength: 40, shape: 'a camelCase word, for example "data"' },
  /** RFC 1123, section 2.1. */
  dnsLabel: {
    pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    maxLength: 63,
    shape: 'lowercase letters, digits and inner hyphens, for example "grafana"',
  },
  /** RFC 1123, section 2.1; 253 characters without the last dot. */
  hostName: {
    pattern: /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    maxLength: 253,
    shape: 'lowercase labels separated by dots, for example "docs.example.com"',
  },
  /** The engine's own rule for containers, networks and volumes (moby, `daemon/names/names.go`). */
  docker: {
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/,
    maxLength: 63,
    shape: "at least two letters, digits, dots, underscores or hyphens, starting with a letter or digit",
  },
  /** Unquoted identifiers, so that they can be typed in psql; 63 bytes is PostgreSQL's NAMEDATALEN. */
  postgres: {
    pattern: /^[a-z_][a-z0-9_]*$/,
    maxLength: 63,
    shape: 'lowercase letters, digits and underscores, not starting with a digit, for example "paperless"',
  },
  /** IEEE Std 1003.1, 8.1 Environment Variable Definition, with lowercase letters and dots, which images use. */
  environmentVariable: {
    pattern: /^[A-Za-z_][A-Za-z0-9_.]*$/,
    maxLength: 255,
    shape: 'letters, digits and underscores, for example "TZ"',
  },
} as const satisfies Record<string, NameRule>;

/** Names that PostgreSQL or its image already uses. */
const RESERVED_POSTGRES = new Set(["postgres", "template0", "template1", "public", "none"]);

/** A kind of name that `checkName()` knows. */
export type NameKind = keyof typeof RULES;

/**
 * Refuses a name that the program behind it would refuse later.
 *
 * @param subject - who asked, for example `service "paperless"`
 * @param option - what the value was passed as, for example `label`
 */
export function checkName(kind: NameKind, value: string, subject: string, option: string): void {
  if (Token.isUnresolved(value)) return;
  const rule: NameRule = RULES[kind];
  if (value.length > rule.maxLength) {
    throw new Error(
      `${subject}: '${option}' may have ${rule.maxLength} characters, got ${value.length} in ${quote(value)}`,
    );
  }
  if (!rule.pattern.test(value)) {
    throw new Error(`${subject}: '${option}' must be ${rule.shape}, got ${quote(value)}`);
  }
  if (kind === "postgres" && (RESERVED_POSTGRES.has(value) || value.startsWith("pg_"))) {
    throw new Error(`${subject}: '${option}' must not be a name that PostgreSQL reserves, got ${quote(value)}`);
  }
}

/** Refuses a port that does not exist. */
export function checkPort(value: number, subject: string, option: string): void {
  const isPort = Number.isInteger(value) && value >= 1 && value <= 65535;
  if (!isPort && !Token.isUnresolved(value)) {
    throw new Error(`${subject}: '${option}' must be a whole number from 1 to 65535, got ${quote(value)}`);
  }
}

/** Refuses a path that is not absolute and normal: no `..`, no doubled slash, no character that a mount can't hold. */
export function checkAbsolutePath(value: string, subject: string, option: string): void {
  if (Token.isUnresolved(value)) return;
  const normal =
    value.startsWith("/") &&
    !/[\0\n\r:,]/.test(value) &&
    !value.slice(1).split("/").includes("..") &&
    !value.includes("//") &&
    !(value.length > 1 && value.endsWith("/"));
  if (!normal) {
    throw new Error(
      `${subject}: '${option}' must be an absolute path without "..", a colon, a comma or a slash at its end, for example "/data", got ${quote(value)}`,
    );
  }
}

/** Refuses what is no `uid`, or `uid:gid`, in numbers: names differ between an image and its host. */
export function checkOwner(value: string, subject: string, option: string): void {
  if (!/^\d+(:\d+)?$/.test(value)) {
    throw new Error(
      `${subject}: '${option}' must be a numeric user and group, for example "1000:1000", got ${quote(value)}`,
    );
  }
}

/** Refuses a mode that is not three or four octal digits. */
export function checkMode(value: string, subject: string, option: string): void {
  if (!/^[0-7]{3,4}$/.test(value)) {
    throw new Error(`${subject}: '${option}' must be an octal mode, for example "0750", got ${quote(value)}`);
  }
}

/** Refuses an exception that does not say why it is one. */
export function checkReason(value: string, subject: string): void {
  if (value.trim() === "") {
    throw new Error(`${subject}: 'reason' must say why, in words for the next reader, got ${quote(value)}`);
  }
}
