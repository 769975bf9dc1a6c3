import {
  Secret,
  SecretFile,
  type IServicePart,
  type Parts,
  type PersonFacts,
  type SecretFileHandle,
} from "../../constructs";
import {
  FactList,
  placeSecretFile,
  secretName,
  useSecret,
  type PartScope,
  type SecretPiece,
} from "../../constructs/parts";
import { toYaml } from "../../contract/yaml";

/** Somebody who has an account. */
export interface User {
  /** The name that is shown. */
  readonly displayName: string;
  /** The address for messages. */
  readonly email: string;
  /**
   * The groups that access rules name.
   *
   * @default - none
   */
  readonly groups?: readonly string[];
}

/** An LDAP directory. */
export interface LdapOptions {
  /** Its address, for example `ldap://lldap:3890`. */
  readonly address: string;
  /** The base, for example `dc=example,dc=com`. */
  readonly baseDn: string;
  /** The user that looks people up; its password is the secret `webservices.authelia.ldap_pass`. */
  readonly user: string;
}

/** Who has an account at the sign-on. */
export class Users {
  /**
   * A file with everybody in it. The password of `anna` is the secret `webservices.authelia.user_anna`, made by
   * `homelab secrets generate`; the file has its digest. Nobody can change a password but by `homelab secrets rotate`.
   *
   * @param users - people by the names that they sign in with
   */
  public static file(users: Readonly<Record<string, User>>): Users {
    for (const name of Object.keys(users)) {
      if (!/^[a-z][a-z0-9_]*$/.test(name)) {
        throw new Error(
          `Users.file(): people sign in with lowercase letters, digits and underscores, for example "anna", got ${JSON.stringify(name)}`,
        );
      }
    }
    return new Users(
      {
        password_reset: { disable: true },
        password_change: { disable: true },
        file: { path: USERS_FILE, watch: true, password: { algorithm: "pbkdf2" } },
      },
      { users: usersFile(users) },
      {},
    );
  }

  /** An LLDAP (https://github.com/lldap/lldap). */
  public static lldap(options: LdapOptions): Users {
    const password = SecretFile.at(LDAP_PASSWORD, Secret.named("ldap_pass"));
    return new Users(
      {
        ldap: { implementation: "lldap", address: options.address, base_dn: options.baseDn, user: options.user },
      },
      { ldapPassword: password },
      { AUTHENTICATION_BACKEND_LDAP_PASSWORD: LDAP_PASSWORD },
    );
  }

  private constructor(
    /** Authelia's `authentication_backend`. */
    public readonly backend: object,
    /** The parts that it needs. */
    public readonly parts: Parts,
    /** The files of its secrets, by the names of their options. */
    public readonly secretFiles: Readonly<Record<string, string>>,
  ) {}
}

const USERS_FILE = "/config/users.yml";
const LDAP_PASSWORD = "/run/secrets/ldap_pass";

/** Those who have accounts. */
const PEOPLE = new FactList<PersonFacts>("people");

/** The users file of Authelia, with the digest of each password. */
function usersFile(users: Readonly<Record<string, User>>): IServicePart<SecretFileHandle> {
  return {
    bind: (part: PartScope) => {
      for (const [name, { groups = [] }] of Object.entries(users)) part.say(PEOPLE, { name, groups });
      const generations: string[] = [];
      const pieces = Object.entries(users).flatMap(([name, { displayName, email, groups = [] }]): SecretPiece[] => {
        const password = Secret.named(`user_${name}`);
        useSecret(part, password, { shape: { length: 24 } });
        const digest = useSecret(part, Secret.named(`user_${name}_digest`), {
          shape: { digestOf: secretName(part, password) },
        });
        generations.push(`${name} ${digest.version}`);
        const described = toYaml({ [name]: { displayname: displayName, email, groups } });
        const indented = described.trimEnd().replace(/^/gm, "  ");
        return [`${indented}\n    password: "`, { expression: digest.expression }, '"\n'];
      });
      return placeSecretFile(
        part,
        USERS_FILE,
        {},
        {
          content: ["users:\n", ...pieces],
          version: `generations ${generations.join(", ")}; ${JSON.stringify(users)}`,
        },
      );
    },
  };
}
