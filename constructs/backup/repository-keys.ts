import type { Construct } from "constructs";
import { generationText } from "../../contract/names-on-hosts";
import { repositorySecret } from "../../contract/secret-names";
import type { SecretShape } from "../../contract/secret-shapes";
import type { HostFile } from "../host/host-file";
import type { SecretPiece } from "../host/secret-pieces";
import { SecretUses } from "../secrets/secret-uses";
import type { Repository } from "./repository";

/** The secrets with which a store lets somebody in, by the variables in which restic takes them. */
const CREDENTIALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: { AWS_ACCESS_KEY_ID: "access_key_id", AWS_SECRET_ACCESS_KEY: "secret_access_key" },
  rest: { RESTIC_REST_USERNAME: "username", RESTIC_REST_PASSWORD: "password" },
};

/**
 * The files with which a host gets into a repository: the key that its content is encrypted with, and what the store
 * asks for. Both are secrets of the lab; the key is made by it, and nobody reads a copy without it.
 */
export function repositoryKeys(scope: Construct, name: string, { kind, at }: Repository): readonly HostFile[] {
  const file = (suffix: string, content: readonly SecretPiece[], version?: string): HostFile => ({
    name: `${name}.${suffix}`,
    content,
    owner: "0:0",
    mode: "0400",
    ...(version !== undefined && { version }),
  });
  const use = (word: string, shape?: SecretShape): { readonly piece: SecretPiece; readonly version: string } => {
    const { expression, version } = SecretUses.of(scope).take(scope, repositorySecret(name, word), { shape });
    return { piece: { expression }, version: generationText(version) };
  };
  const pass = use("key", { length: 64 });
  const files = [file("pass", [pass.piece], pass.version)];
  if (at.knownHosts !== undefined) {
    // OpenSSH before 9.6 reads no key of Ed25519 in PEM.
    const key = use("ssh_key", { keyPair: "rsa-4096" });
    files.push(file("ssh_key", [key.piece, "\n"], key.version), file("known_hosts", [at.knownHosts]));
  }
  const credentials = Object.entries(CREDENTIALS[kind] ?? {}).map(([variable, word]) => [variable, use(word)] as const);
  if (credentials.length > 0) {
    const content = credentials.flatMap(([variable, { piece }]) => [`${variable}=`, piece, "\n"]);
    files.push(file("env", content, credentials.map(([, { version }]) => version).join(", ")));
  }
  return files;
}
