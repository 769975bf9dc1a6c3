import { generationText } from "../../contract/names-on-hosts";
import { quote, snakeCase } from "../../contract/text";
import { checkReason } from "../values/names";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { useSecret, type NamedSecret } from "./used-secret";

/** Options for `Secret.asEnvironment()`. */
export interface SecretEnvironmentOptions {
  /** Why the image can't read the secret from a file. */
  readonly reason: string;
  /**
   * The last part of the secret's name, `webservices.<service>.<name>`.
   *
   * @default - the part's key
   */
  readonly name?: string;
}

/** What `Secret.asEnvironment()` hands out. */
export interface SecretEnvironment {
  /** The value, for an environment variable. It rests in the state of the host's stack. */
  readonly value: string;
}

/** A secret by name. Its value is never in the code, the synthesized configuration or the manifest. */
export class Secret implements NamedSecret {
  /** A secret of the service that uses it: `webservices.<service>.<name>`. */
  public static named(name: string): Secret {
    return new Secret((service) => {
      const word = snakeCase(name);
      if (!/^[a-z][a-z0-9_]*$/.test(word)) {
        throw new Error(
          `service ${quote(service)}: a secret must be named by a word of letters, digits and underscores that begins with a letter, for example "smtp_pass", got ${quote(name)}`,
        );
      }
      return word;
    });
  }

  /** A secret of the part that uses it and of no other: `webservices.<service>.<key>`, or `<key>_<word>`. */
  public static ofPart(word?: string): Secret {
    return new Secret(
      (service, key) => Secret.named(word === undefined ? key : `${key}_${word}`).wordFor(service, key),
      true,
    );
  }

  /** A secret that several services use, by its full name, for example `homelab.smtp.password`. */
  public static shared(fullName: string): Secret {
    if (!/^[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+$/.test(fullName)) {
      throw new Error(
        `a shared secret must be named by lowercase words and dots, for example "homelab.smtp.password", got ${quote(fullName)}`,
      );
    }
    return new Secret(() => fullName, false, fullName);
  }

  /**
   * A secret in an environment variable, for an image that reads it from nowhere else. Everybody who may inspect the
   * container can read it, and it rests in the state: prefer `SecretFile`.
   */
  public static asEnvironment(options: SecretEnvironmentOptions): IServicePart<SecretEnvironment> {
    checkReason(options.reason, "Secret.asEnvironment()");
    return {
      bind: (part: PartScope) => {
        const secret = options.name === undefined ? Secret.ofPart() : Secret.named(options.name);
        const used = useSecret(part, secret, { persisted: options.reason });
        part.contribute({ restartOn: { [`secret ${used.name}`]: generationText(used.version) } });
        return { value: used.value };
      },
    };
  }

  private constructor(
    /** The last part of its name, given the name of the service that uses it and the key of the part. */
    public readonly wordFor: (service: string, part: string) => string,
    /** Whether it is named after the part, so that no other part may have it. */
    public readonly isOwn = false,
    /** The full name of one that belongs to no service. */
    public readonly fullName?: string,
  ) {}
}
