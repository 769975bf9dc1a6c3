import { MIDDLEWARES } from "../../contract/middlewares";
import {
  Access,
  Backup,
  Check,
  Companion,
  ConfigFile,
  Content,
  DataFormat,
  Duration,
  HomelabService,
  Probe,
  Reload,
  Route,
  Secret,
  SecretFile,
  Tmpfs,
  type AccessControlDocument,
  type CompanionPostgresHandle,
  type Host,
  type IServicePart,
  type Parts,
  type RedisHandle,
  type RouteHandle,
  type SignOnFacts,
  type Zone,
} from "../../constructs";
import { AccessControl, FactList, type PartScope } from "../../constructs/parts";
import { Users } from "./authelia-users";

/** How Authelia tells people of a second factor or a login. */
export interface SmtpNotifier {
  /** The server, for example `submissions://smtp.example.com:465`. */
  readonly address: string;
  /** The user at the server; the password is the secret `webservices.authelia.smtp_pass`. */
  readonly username: string;
  /** The sender, for example `Sign-on <auth@example.com>`. */
  readonly sender: string;
}

/** Options of `authelia()`. */
export interface AutheliaOptions {
  /** The zones whose guarded routes it answers for; in each the portal is `auth.<zone>`. */
  readonly zones: readonly [Zone, ...Zone[]];
  /** Who has an account. */
  readonly users: Users;
  /**
   * How it sends messages.
   *
   * @default - into the file `/messages/notifications.txt` of the container, until it restarts
   */
  readonly notifier?: SmtpNotifier;
  /**
   * The image.
   *
   * @default "docker.io/authelia/authelia:4.39.20"
   */
  readonly image?: string;
  /**
   * The image of the sessions' Redis.
   *
   * @default "docker.io/library/redis:7.4.1"
   */
  readonly redisImage?: string;
  /**
   * The image of the PostgreSQL for second factors and consents.
   *
   * @default "docker.io/library/postgres:17.2"
   */
  readonly postgresImage?: string;
}

const FILE = "/config/configuration.yml";
const SMTP_PASSWORD = "/run/secrets/smtp_pass";
const MESSAGES = "/messages";

/** The secrets of every Authelia, by the names of their options. */
const SECRETS = [
  "SESSION_SECRET",
  "STORAGE_ENCRYPTION_KEY",
  "STORAGE_POSTGRES_PASSWORD",
  "IDENTITY_VALIDATION_RESET_PASSWORD_JWT_SECRET",
] as const;

/**
 * Authelia 4.39, the sign-on of a lab: a session for each zone, the access rules of all routes, sessions in a Redis and
 * second factors in a PostgreSQL of its own. Its file is tried by Authelia itself before it replaces the old one.
 */
export function authelia(host: Host, options: AutheliaOptions): HomelabService {
  const { zones, users, notifier } = options;
  const accessControl = AccessControl.of(host);
  for (const zone of zones) accessControl.addSessionDomain(zone.zoneName);
  const portals: Record<string, IServicePart<RouteHandle>> = Object.fromEntries(
    zones.map((zone) => [portalKey(zone), portal(zone)]),
  );
  const sessions = Companion.redis({
    image: options.redisImage ?? "docker.io/library/redis:7.4.1",
    persistence: "volume",
  });
  const storage = Companion.postgres({ image: options.postgresImage ?? "docker.io/library/postgres:17.2" });
  /** The files of what only this one needs: a value for an option that has none would be a second backend. */
  const secretFiles = { ...(notifier && { NOTIFIER_SMTP_PASSWORD: SMTP_PASSWORD }), ...users.secretFiles };
  const parts = {
    ...portals,
    sessions,
    storage,
    sessionSecret: SecretFile.generated({ length: 64 }),
    encryptionKey: SecretFile.generated({ length: 64 }),
    resetSecret: SecretFile.generated({ length: 64 }),
    ...(notifier
      ? { smtp: SecretFile.at(SMTP_PASSWORD, Secret.named("smtp_pass")) }
      : { messages: Tmpfs.at(MESSAGES) }),
    ...users.parts,
    policy: signOnFacts(users),
    nightly: Backup.nightly({ at: "02:00", exclude: { "sessions.data": "who is signed in signs in again" } }),
  } satisfies Parts;
  return new HomelabService(host, "authelia", {
    image: options.image ?? "docker.io/authelia/authelia:4.39.20", // https://github.com/authelia/authelia/releases
    dataFormat: DataFormat.migrated(),
    port: 9091,
    user: "1000:1000",
    command: ["--config", FILE],
    health: Probe.command(["/app/healthcheck.sh"], { startPeriod: Duration.minutes(1) }), // the image's own
    parts,
    files: ({ sessions, storage }) => ({
      configuration: ConfigFile.at(
        FILE,
        Content.collected(() =>
          Content.yaml({
            ...configuration({ sessions, storage }, { zones, users, notifier }),
            access_control: rules(accessControl.document(), zones),
          }),
        ),
        {
          onChange: Reload.restart(), // it reads its configuration at the start only
          // https://www.authelia.com/reference/cli/authelia/authelia_config_validate/
          check: Check.command(["authelia", "config", "validate", "--config", FILE], {
            environment: inPlaceOfSecrets([...SECRETS, ...Object.keys(secretFiles)]),
          }),
        },
      ),
    }),
    // https://www.authelia.com/configuration/methods/secrets/
    environment: ({ sessionSecret, encryptionKey, resetSecret, storage: database }) => {
      const files: Record<(typeof SECRETS)[number], string> & Readonly<Record<string, string>> = {
        SESSION_SECRET: sessionSecret.path,
        STORAGE_ENCRYPTION_KEY: encryptionKey.path,
        STORAGE_POSTGRES_PASSWORD: database.passwordFile(),
        IDENTITY_VALIDATION_RESET_PASSWORD_JWT_SECRET: resetSecret.path,
        ...secretFiles,
      };
      return Object.fromEntries(Object.entries(files).map(([name, file]) => [`AUTHELIA_${name}_FILE`, file]));
    },
  });
}

/** How sign-ons let people in. */
const SIGN_ONS = new FactList<SignOnFacts>("signOns");

/** How people are let in, for reports. */
function signOnFacts({ backend }: Users): IServicePart<void> {
  const { max_retries, find_time, ban_time } = REGULATION;
  const signOn = {
    accounts: "file" in backend ? ("file" as const) : ("directory" as const),
    session: SESSION,
    regulation: { maxRetries: max_retries, findTime: find_time, banTime: ban_time },
  };
  return { bind: (part: PartScope) => part.say(SIGN_ONS, signOn) };
}

/** Authelia's own: https://www.authelia.com/configuration/session/introduction/ */
const SESSION = { expiration: "1h", inactivity: "5m", rememberMe: "1M" } as const;

/** The account as well as the address: whoever guesses has many addresses, and not each proxy in front is honest. */
const REGULATION = { modes: ["user", "ip"], max_retries: 3, find_time: "2m", ban_time: "10m" } as const;

/** Authelia insists on a value for each secret, also when it only looks at its configuration. */
function inPlaceOfSecrets(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`AUTHELIA_${name}`, "for-the-check-of-the-configuration-only"]));
}

function portalKey(zone: Zone): string {
  const words = zone.zoneName.split(/[^a-z0-9]+/).map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `portal${words.join("")}`;
}

function portal(zone: Zone): IServicePart<RouteHandle> {
  const access = Access.public({ reason: "it is the sign-on itself" });
  return Route.in(zone, { label: "auth", access, middlewares: [MIDDLEWARES.rateLimit] });
}

/** Authelia refuses to deny by default without any rule: a lab that guards nothing says so in one. */
function rules(document: AccessControlDocument, zones: readonly Zone[]): AccessControlDocument {
  if (document.rules.length > 0) return document;
  const domain = zones.flatMap(({ zoneName }) => [zoneName, `*.${zoneName}`]);
  return { ...document, rules: [{ domain, policy: "deny" }] };
}

/** https://www.authelia.com/configuration/ */
function configuration(
  { sessions, storage }: { readonly sessions: RedisHandle; readonly storage: CompanionPostgresHandle },
  { zones, users, notifier }: AutheliaOptions,
): object {
  return {
    theme: "auto",
    server: { address: "tcp://:9091", endpoints: { authz: { "forward-auth": { implementation: "ForwardAuth" } } } },
    log: { level: "info" },
    totp: { issuer: zones[0].zoneName },
    authentication_backend: users.backend,
    session: {
      cookies: zones.map(({ zoneName }) => ({ domain: zoneName, authelia_url: `https://auth.${zoneName}` })),
      redis: { host: sessions.host, port: sessions.port },
    },
    regulation: REGULATION,
    storage: {
      postgres: {
        address: `tcp://${storage.host}:${storage.port}`,
        database: storage.name,
        username: storage.user,
      },
    },
    notifier: notifier
      ? { smtp: { address: notifier.address, username: notifier.username, sender: notifier.sender } }
      : { filesystem: { filename: `${MESSAGES}/notifications.txt` } },
  };
}
