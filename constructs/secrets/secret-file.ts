import { posix } from "node:path";
import { generationText } from "../../contract/names-on-hosts";
import { checkAbsolutePath, checkMode } from "../values/names";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { directoryAt, fileReader } from "../files/placed-files";
import type { KeyPairKind, SecretShape } from "../../contract/secret-shapes";
import { Secret } from "./secret";
import type { SecretPiece } from "../host/secret-pieces";
import { quote, snakeCase } from "../../contract/text";
import { checkText } from "../values/text-limits";
import { secretName, useSecret } from "./used-secret";

/** Options for `SecretFile.at()`. */
export interface SecretFileOptions {
  /**
   * The numeric owner, `1000:1000`.
   *
   * @default - the `fileOwner` of the service, or its `user`
   */
  readonly owner?: string;
  /**
   * The octal mode.
   *
   * @default "0400"
   */
  readonly mode?: string;
}

/** Options for `SecretFile.generated()`. */
export interface GeneratedSecretOptions extends SecretFileOptions {
  /** How many characters the value has. */
  readonly length: number;
  /**
   * What they are taken from.
   *
   * @default - `a-z A-Z 0-9`
   */
  readonly alphabet?: string;
  /**
   * The last part of the secret's name, `webservices.<service>.<name>`.
   *
   * @default - the part's key
   */
  readonly name?: string;
}

/** What a secret file hands out. */
export interface SecretFileHandle {
  /** Where the container finds it: the value for an image's `*_FILE` variable. */
  readonly path: string;
}

/** Where secrets lie in a container, as with Docker's own secrets. */
const DIRECTORY = "/run/secrets";

/**
 * A file with the value of a secret, on the host readable by the container's user alone. The value is in no state, no
 * plan and no label; a new generation replaces the container.
 */
export class SecretFile {
  /** Puts a secret into a file at `path` inside the container. */
  public static at(path: string, secret: Secret, options: SecretFileOptions = {}): IServicePart<SecretFileHandle> {
    return { bind: (part: PartScope) => SecretFile.place(part, path, secret, options) };
  }

  /** A file under `/run/secrets` with a value that nobody chooses: a key, a token, a password. */
  public static generated(options: GeneratedSecretOptions): IServicePart<SecretFileHandle> {
    const { length, alphabet, name, ...file } = options;
    if (!Number.isInteger(length) || length < 16 || length > 1024) {
      throw new Error(
        `'length' of SecretFile.generated() must be a whole number from 16 to 1024, got ${quote(length)}`,
      );
    }
    if (alphabet !== undefined && (new Set(alphabet).size < 10 || /[^\x21-\x7e]/.test(alphabet))) {
      throw new Error(
        `'alphabet' of SecretFile.generated() must have at least ten different visible ASCII characters, got ${quote(alphabet)}`,
      );
    }
    return SecretFile.made(name, file, () => ({ length, ...(alphabet !== undefined && { alphabet }) }));
  }

  /** A file under `/run/secrets` with the digest of another secret of the service, as Authelia reads it. */
  public static digest(
    options: SecretFileOptions & { readonly of: string; readonly name?: string },
  ): IServicePart<SecretFileHandle> {
    const { of, name, ...file } = options;
    return SecretFile.made(name, file, (part) => {
      const secret = Secret.named(of);
      useSecret(part, secret);
      return { digestOf: secretName(part, secret) };
    });
  }

  /** A file under `/run/secrets` with a private key; `homelab secrets generate` prints the public one. */
  public static keyPair(
    options: SecretFileOptions & { readonly kind: KeyPairKind; readonly name?: string },
  ): IServicePart<SecretFileHandle> {
    const { kind, name, ...file } = options;
    return SecretFile.made(name, file, () => ({ keyPair: kind }));
  }

  /** A file under `/run/secrets` with a generated value, by the full name under which the store has it. */
  public static shared(fullName: string, shape: SecretShape): IServicePart<SecretFileHandle> {
    return {
      bind: (part: PartScope) => {
        const path = `${DIRECTORY}/${fullName.replace(/^.*\./, "")}`;
        return SecretFile.place(part, path, Secret.shared(fullName), {}, shape);
      },
    };
  }

  private static made(
    name: string | undefined,
    file: SecretFileOptions,
    shape: (part: PartScope) => SecretShape,
  ): IServicePart<SecretFileHandle> {
    return {
      bind: (part: PartScope) => {
        const path = `${DIRECTORY}/${snakeCase(name ?? part.key)}`;
        const secret = name === undefined ? Secret.ofPart() : Secret.named(name);
        return SecretFile.place(part, path, secret, file, shape(part));
      },
    };
  }

  private static place(
    part: PartScope,
    path: string,
    secret: Secret,
    options: SecretFileOptions,
    shape?: SecretShape,
  ): SecretFileHandle {
    const used = useSecret(part, secret, { shape });
    return placeSecretFile(part, path, options, {
      content: [{ expression: used.expression }],
      version: generationText(used.version),
    });
  }

  private constructor() {}
}

/** Places a file that contains the values of secrets, and replaces the container when a generation changes. */
export function placeSecretFile(
  part: PartScope,
  path: string,
  options: SecretFileOptions,
  file: { readonly content: readonly SecretPiece[]; readonly version: string },
): SecretFileHandle {
  const { subject } = part;
  const { mode = "0400" } = options;
  checkAbsolutePath(path, subject, "path");
  checkMode(mode, subject, "mode");
  for (const piece of file.content) if (typeof piece === "string") checkText(piece, subject, "the file's content");
  directoryAt(part, posix.dirname(path)).addFile(part.key, subject, {
    ...file,
    name: posix.basename(path),
    owner: fileReader(part, options.owner),
    mode,
  });
  part.contribute({ restartOn: { [`file ${path}`]: file.version } });
  return { path };
}

/** The path of a secret file that a part makes for itself. */
export function secretPath(name: string): string {
  return posix.join(DIRECTORY, name);
}
