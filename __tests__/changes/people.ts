import type { App } from "cdktf";
import { Access, HomelabService, Probe, Route } from "../../constructs";
import { authelia, Users, type User } from "../../services";
import { lab, type Change } from "../support/changes";

const anna: User = { displayName: "Anna", email: "anna@example.com", groups: ["admins", "family"] };
const ben: User = { displayName: "Ben", email: "ben@example.com", groups: ["family"] };
const carla: User = { displayName: "Carla", email: "carla@example.com" };

/** A sign-on and two services that it guards. */
function made(users: Readonly<Record<string, User>>, access = Access.twoFactor("group:admins")): (app: App) => void {
  return withUsers(Users.file(users), access);
}

function withUsers(users: Users, access = Access.twoFactor("group:admins")): (app: App) => void {
  return lab((home) => {
    const [at, zone] = [home.host("app-01"), home.zone("example.com")];
    authelia(at, { zones: [zone], users });
    const service = (name: string, own: Access): void => {
      new HomelabService(at, name, {
        image: "example/app:1.0.0",
        port: 80,
        health: Probe.none("a test"),
        parts: { web: Route.in(zone, { access: own }) },
      });
    };
    service("vault", access);
    service("photos", Access.oneFactor("group:family"));
    service("wiki", Access.oneFactor());
  });
}

const base = made({ anna, ben });

function row(name: string, head: (app: App) => void, firstLine: RegExp, isDanger = true): Change {
  return { name, base, head, firstLine, exitCode: 2, failsOn: isDanger ? ["trust"] : [] };
}

/** Who may pass, by who is there and by what the sign-on asks. */
export const rows: readonly Change[] = [
  row(
    "somebody joins the admins",
    made({ anna, ben: { ...ben, groups: ["family", "admins"] } }),
    /; ben joins admins;/,
  ),
  row(
    "somebody joins a group that no rule names",
    made({ anna, ben: { ...ben, groups: ["family", "chess"] } }),
    /; ben joins chess;/,
    false,
  ),
  row("somebody gets an account", made({ anna, ben, carla }), /; carla gets an account;/, false),
  row(
    "somebody gets an account in a group",
    made({ anna, ben, carla: { ...carla, groups: ["admins"] } }),
    /; carla gets an account, in admins;/,
  ),
  row(
    "somebody leaves the admins",
    made({ anna: { ...anna, groups: ["family"] }, ben }),
    /; anna leaves admins;/,
    false,
  ),
  row("somebody's account goes", made({ anna }), /; ben no longer has an account;/, false),
  row(
    "somebody has another address for messages",
    made({ anna, ben: { ...ben, email: "ben@example.org" } }),
    /^No data is lost; (?!.*ben (joins|gets|leaves))/,
    false,
  ),
  row(
    "accounts move to a directory",
    withUsers(Users.lldap({ address: "ldap://lldap:3890", baseDn: "dc=example,dc=com", user: "authelia" })),
    /authelia: accounts are in a directory, not in a file/,
  ),
  row(
    "one factor is enough",
    made({ anna, ben }, Access.oneFactor("group:admins")),
    /vault\.example\.com is open to others than before/,
  ),
  row(
    "a group more may pass",
    made({ anna, ben }, Access.twoFactor("group:admins", "group:family")),
    /vault\.example\.com is open to others than before/,
  ),
  row(
    "everybody with an account may pass",
    made({ anna, ben }, Access.twoFactor()),
    /vault\.example\.com is open to others than before/,
  ),
  row(
    "fewer may pass",
    made({ anna, ben }, Access.twoFactor("user:anna")),
    /vault\.example\.com (is|are) open to/,
    true,
  ),
  row(
    "those who are two things at once may pass",
    made({ anna, ben }, Access.twoFactor(["group:admins", "group:family"])),
    /vault\.example\.com is open to fewer/,
    false,
  ),
];
