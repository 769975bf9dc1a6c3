/** What the compiler knows of handles and placeholders. Nothing here runs: `npm run typecheck` is the test. */
import {
  Companion,
  ConfigFile,
  Content,
  HomelabService,
  PostgresDatabase,
  Probe,
  Route,
  SecretFile,
  Volume,
  formerly,
  type Handles,
  type Host,
  type Placeholders,
  type PostgresServer,
  type RouteHandle,
  type SecretFileHandle,
  type Zone,
} from "../../constructs";

/** Whether two types are one; `any` is none. */
type Same<A, B> = 0 extends 1 & A ? false : [A, B] extends [B, A] ? true : false;

/** Takes what is proven: `true satisfies Same<…>` compiles only where it holds. */
function is(_proven: true): void {
  // nothing runs
}

export function handles(host: Host, zone: Zone, server: PostgresServer): void {
  type Made = Handles<{ web: ReturnType<typeof Route.in>; key: ReturnType<typeof SecretFile.at> }>;
  is(true satisfies Same<Made, { readonly web: RouteHandle; readonly key: SecretFileHandle }>);
  // @ts-expect-error a part has the handle of its kind, and no other one
  is(true satisfies Same<Made, { readonly web: SecretFileHandle; readonly key: SecretFileHandle }>);

  new HomelabService(host, "app", {
    image: "example/app:1",
    health: Probe.none("test"),
    parts: { web: Route.in(zone), db: PostgresDatabase.on(server), data: Volume.at("/data") },
    files: ({ web, db }) => {
      is(true satisfies Same<typeof web.url, string>);
      return { config: ConfigFile.at("/etc/app.conf", Content.text(`${web.url} ${db.port}`)) };
    },
    environment: ({ web, db, config }) => {
      is(true satisfies Same<typeof web, RouteHandle>);
      is(true satisfies Same<typeof db.port, number>);
      is(true satisfies Same<typeof config.path, string>);
      return { URL: web.url, DB: db.passwordFile(), CONFIG: config.path };
    },
    command: ({ web, config }) => [web.host, config.path],
  });

  new HomelabService(host, "app", {
    image: "example/app:1",
    health: Probe.none("test"),
    parts: {
      site: formerly("web", Route.in(zone)),
      queue: formerly(
        "jobs",
        Companion.container({
          image: "example/worker:1",
          port: 1,
          health: Probe.none("test"),
          parts: { db: PostgresDatabase.on(server) },
          environment: ({ db }) => ({ PORT: db.port }),
        }),
      ),
    },
    environment: ({ site, queue }) => {
      is(true satisfies Same<typeof site, RouteHandle>);
      is(true satisfies Same<typeof queue.parts.db.port, number>);
      return { URL: site.url, QUEUE: queue.host };
    },
  });

  new HomelabService(host, "app", {
    image: "example/app:1",
    health: Probe.none("test"),
    parts: { web: Route.in(zone), db: PostgresDatabase.on(server) },
    environment: ({ web, db }) => ({
      // @ts-expect-error a route has no path
      PATH_OF_ROUTE: web.path,
      // @ts-expect-error a password is asked for, never read
      PASSWORD: db.password,
    }),
    // @ts-expect-error there is no such part
    command: ({ wbe }) => [wbe.url],
  });

  new HomelabService(host, "app", {
    image: "example/app:1",
    health: Probe.none("test"),
    parts: { db: PostgresDatabase.on(server) },
    // @ts-expect-error a function is no value: it has to be called
    environment: ({ db }) => ({ PASSWORD_FILE: db.passwordFile }),
  });
}

export function placeholders(): void {
  is(true satisfies Same<Placeholders<"{{host}}:{{ port }}">, "host" | "port">);
  is(true satisfies Same<Placeholders<"no placeholder">, never>);

  Content.template("{{host}}:{{ port }}", { host: "a", port: 1 });
  // @ts-expect-error `port` has no value
  Content.template("{{host}}:{{ port }}", { host: "a" });
  // @ts-expect-error there is no `path` in the template
  Content.template("{{host}}", { host: "a", path: "b" });
  // @ts-expect-error a value is text, a number or a boolean
  Content.template("{{host}}", { host: ["a"] });
}
