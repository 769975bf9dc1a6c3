import { generationText } from "../../contract/names-on-hosts";
import type { PartScope } from "../part/part-scope";
import type { PostgresServer } from "./postgres-server";
import { Secret } from "../secrets/secret";
import type { SecretPiece } from "../host/secret-pieces";
import { placeSecretFile, secretPath } from "../secrets/secret-file";
import { snakeCase } from "../../contract/text";
import { useSecret } from "../secrets/used-secret";

/** What a database hands out. */
export interface PostgresDatabaseHandle {
  /** Host name or address of the server, as this service reaches it. */
  readonly host: string;
  /** Port of the server. */
  readonly port: number;
  /** Name of the database. */
  readonly name: string;
  /** The role that the application logs in as. */
  readonly user: string;
  /** Places a file with the password, and tells its path in the container. */
  passwordFile(): string;
  /** `postgres://user@host:port/name`, without the password. */
  readonly url: string;
  /** Places a file with the URL, password included, and tells its path in the container. */
  urlFile(): string;
}

/** What a workload gets of a database, under the part's key: how it finds the server, and files that it may ask for. */
export function databaseHandle(
  server: PostgresServer,
  part: PartScope,
  { name, user }: { readonly name: string; readonly user: string },
): PostgresDatabaseHandle {
  const { workload, key } = part;
  const network = workload.onHostNetwork ? undefined : server.networkOn(workload.host);
  const host = network === undefined || !server.service ? server.host : server.service.containerName;
  const port = network === undefined ? server.port : 5432;
  if (network === undefined) part.reaches(server.host, server.port);
  if (network !== undefined) part.contribute({ networks: [{ name: network, aliases: [] }] });
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const file = (suffix: string, content: (expression: string) => readonly SecretPiece[]): (() => string) => {
    let path: string | undefined;
    return () => {
      if (path !== undefined) return path;
      const used = useSecret(part, Secret.ofPart("pass"));
      path = placeSecretFile(
        part,
        secretPath(`${snakeCase(key)}_${suffix}`),
        {},
        {
          content: content(used.expression),
          version: `${generationText(used.version)}${suffix === "url" ? ` of ${user}@${authority}/${name}` : ""}`,
        },
      ).path;
      return path;
    };
  };
  const passwordFile = file("pass", (expression) => [{ expression }]);
  const urlFile = file("url", (expression) => [
    `postgres://${user}:`,
    { expression, encode: "url" },
    `@${authority}/${name}`,
  ]);
  return {
    host,
    port,
    name,
    user,
    url: `postgres://${user}@${authority}/${name}`,
    passwordFile,
    urlFile,
  };
}
