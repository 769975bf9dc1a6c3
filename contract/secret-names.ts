/** The full name of a secret that belongs to a service. */
export function secretOfService(service: string, word: string): string {
  return `${SERVICES}${service}.${word}`;
}

/** Whose secret it is by its full name, and by what word; undefined for one that belongs to no service. */
export function serviceOfSecret(name: string): { readonly service: string; readonly word: string } | undefined {
  const [service, word, ...more] = name.startsWith(SERVICES) ? name.slice(SERVICES.length).split(".") : [];
  return service === undefined || word === undefined || more.length > 0 ? undefined : { service, word };
}

const SERVICES = "webservices.";

/** The token with which the connector of a host's tunnel signs in at Cloudflare. */
export function tunnelToken(host: string): string {
  return `homelab.tunnel.${host}.token`;
}

/** The name of the Terraform variable of a secret: `webservices_paperless_db_pass`. */
export function secretVariable(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_");
}

/** The Terraform variable with the value of a secret that rests in the state. */
export function persistedVariable(secret: string): string {
  return `${secretVariable(secret)}${PERSISTED}`;
}

/** The variable of the secret that this one is the persisted value of; itself where it is none. */
export function withoutPersisted(variable: string): string {
  return variable.endsWith(PERSISTED) ? variable.slice(0, -PERSISTED.length) : variable;
}

const PERSISTED = "_persisted";

/** The Terraform variable that names the databases which a deployment found on a server and adopts. */
export const ADOPTED = "homelab_adopt";

/** A secret of a repository of backups, one for the lab. */
export function repositorySecret(repository: string, word: string): string {
  return `homelab.backup.${repository}.${word}`;
}

/** Whether a secret is the key that the copies in a repository are encrypted with. */
export function isRepositoryKey(name: string): boolean {
  return /^homelab\.backup\.[^.]+\.key$/.test(name);
}
