import type { PlannedResource } from "../offline/stack-plan";
import { FINGERPRINT_LABEL, fileOfTrigger, generationIn, HOST_KEY_TRIGGER } from "../contract/names-on-hosts";
import { NEVER_APPLIED } from "../contract/provider-traps";
import { elements, resourceOf, serviceOf, texts, triggersOf, type ComparedLabs, type ResourceBody } from "./labs";

/** A resource before and after, as it was synthesized: no value of a secret is in there. */
interface Bodies {
  readonly before: ResourceBody;
  readonly after: ResourceBody;
}

/** The label that carries what the provider would not carry out (`constructs/container/workload-container.ts`). */

/** What causes a change of a resource, in the words of who wrote the code. */
export function causesOf(labs: ComparedLabs, planned: PlannedResource): string[] {
  const { stack, action } = planned;
  if (action !== "update" && action !== "replace") return [];
  const before = resourceOf(labs.base, stack, planned.previousAddress ?? planned.address);
  const after = resourceOf(labs.head, stack, planned.address);
  if (!before || !after) return plainly(planned);
  const bodies = { before, after };
  const found = new Set(described(labs, planned, bodies));
  if (planned.reason === "replace_by_triggers") for (const cause of triggers(labs, stack, after)) found.add(cause);
  return found.size > 0 ? [...found] : plainly(planned);
}

function described(labs: ComparedLabs, planned: PlannedResource, bodies: Bodies): string[] {
  if (planned.type === "docker_container") return containerCauses(labs, planned, bodies);
  if (planned.type === "docker_image") return [...valueChange("image", bodies, "name")];
  if (planned.type === "null_resource") return triggerCauses(bodies);
  return plainly(planned).flatMap((name) => {
    const told = valueChange(name, bodies, name);
    return told.length > 0 ? told : [name];
  });
}

/** The attributes that Terraform names. */
function plainly({ action, replacePaths, changed }: PlannedResource): string[] {
  const forced = replacePaths.map((path) => path.filter((step) => typeof step === "string").join("."));
  return [...new Set(action === "replace" && forced.length > 0 ? forced : changed)];
}

function containerCauses(labs: ComparedLabs, planned: PlannedResource, bodies: Bodies): string[] {
  const { before, after } = bodies;
  const replaced = planned.action === "replace";
  const forcing = planned.replacePaths.map(([name]) => String(name));
  const names = new Set(replaced ? forcing : planned.changed);
  const causes: string[] = [];
  if (names.has("name")) causes.push(...valueChange("name", bodies, "name"));
  if (names.has("image")) {
    const [was, is] = [imageOf(labs.base, planned.stack, before), imageOf(labs.head, planned.stack, after)];
    // An image that is pulled anew for another reason is the same one.
    if (was !== is) causes.push(was !== undefined && is !== undefined ? `image ${was} → ${is}` : "image");
  }
  if (names.has("labels")) {
    const changed = differences(before.labels, after.labels, "label", ({ value }) => value);
    causes.push(...grouped(changed.filter((name) => name !== FINGERPRINT_LABEL)));
    if (changed.includes(FINGERPRINT_LABEL)) {
      causes.push(...placedFiles(labs, planned.stack, bodies));
      // What the provider would plan in place, and what it keep when it is taken out, is what the fingerprint is made of.
      for (const name of Object.keys({ ...before, ...after })) {
        if (NEVER_APPLIED.includes(name) || after[name] === undefined) names.add(name);
      }
    }
  }
  if (names.has("env")) causes.push(...environmentChanges(before.env, after.env));
  if (names.has("mounts"))
    causes.push(...differences(before.mounts, after.mounts, "target", whole).map((path) => `mount ${path}`));
  if (names.has("upload"))
    causes.push(...differences(before.upload, after.upload, "file", whole).map((file) => `config file ${file}`));
  if (names.has("ports"))
    causes.push(...differences(before.ports, after.ports, "external", whole).map((port) => `port ${port}`));
  if (names.has("networks_advanced")) {
    const networks = differences(before.networks_advanced, after.networks_advanced, "name", whole);
    causes.push(...networks.map((network) => `network ${network}`));
  }
  const handled = new Set(["name", "image", "labels", "env", "mounts", "upload", "ports", "networks_advanced"]);
  for (const name of [...names].sort()) {
    if (!handled.has(name) && !META.has(name) && !unchanged(before[name], after[name])) causes.push(words(name));
  }
  return causes;
}

/** Arguments that are Terraform's own. */
const META = new Set(["//", "depends_on", "lifecycle", "provider", "provisioner", "connection"]);

function words(attribute: string): string {
  return attribute === "healthcheck" ? "health check" : attribute.replaceAll("_", " ");
}

/** The files whose new content a container has to read at its start: their versions are triggers of what places them. */
function placedFiles(labs: ComparedLabs, stack: string, { before, after }: Bodies): string[] {
  const [was, is] = [filesOf(labs.base, stack, before), filesOf(labs.head, stack, after)];
  return [...is].flatMap(([file, version]) => {
    const former = was.get(file);
    // A file that the container did not have comes with a mount of its own.
    if (former === undefined || former === version) return [];
    const [old, now] = [former, version].map(generationIn);
    if (now === undefined) return [`config file ${file}`];
    return [
      old === undefined || old === now ? `secret file ${file}` : `secret file ${file}, generation ${old} → ${now}`,
    ];
  });
}

/** The versions of the files that are placed for a container, by their paths inside it. */
function filesOf(lab: ComparedLabs["base"], stack: string, container: ResourceBody): Map<string, string> {
  const placed = texts(container.depends_on).map((address) => triggersOf(resourceOf(lab, stack, address)));
  return new Map(
    elements(container.mounts).flatMap(({ source, target }) =>
      placed
        .filter(({ path }) => path !== undefined && path === source)
        .flatMap((triggers) =>
          Object.entries(triggers).flatMap(([name, version]): (readonly [string, string])[] => {
            const file = fileOfTrigger(name);
            return file === undefined ? [] : [[`${String(target)}/${file}`, version]];
          }),
        ),
    ),
  );
}

function triggerCauses({ before, after }: Bodies): string[] {
  const [was, is] = [triggersOf(before), triggersOf(after)];
  return Object.keys({ ...was, ...is })
    .filter((name) => was[name] !== is[name])
    .map((name) =>
      name === HOST_KEY_TRIGGER ? "another host key: the host was installed anew" : name.replaceAll("_", " "),
    );
}

/** A container that restarts with what it needs. */
function triggers(labs: ComparedLabs, stack: string, after: ResourceBody): string[] {
  const lifecycle = elements(after.lifecycle)[0];
  return texts(lifecycle?.replace_triggered_by).map((address) => {
    const found = serviceOf(labs.head.manifest, stack, address.split(".").slice(0, 2).join("."));
    return found ? `${found.name}, which it restarts with` : address;
  });
}

/** Labels one by one while they are few, otherwise by what they configure: `labels traefik.http.routers.app.*`. */
function grouped(labels: readonly string[]): string[] {
  if (labels.length <= 3) return labels.map((label) => `label ${label}`);
  const groups = labels.map((label) => label.split(".").slice(0, 4).join("."));
  return [...new Set(groups)].map((group) => (labels.includes(group) ? `label ${group}` : `labels ${group}.*`));
}

/** The image's name, where a container refers to the resource that pulls it. */
function imageOf(lab: ComparedLabs["base"], stack: string, { image }: ResourceBody): string | undefined {
  if (typeof image !== "string") return undefined;
  const address = /^\$\{(docker_image\.[^.}]+)\./.exec(image)?.[1];
  if (address === undefined) return image;
  const name = resourceOf(lab, stack, address)?.name;
  return typeof name === "string" ? name : undefined;
}

/** Names of variables, never their values. */
function environmentChanges(before: unknown, after: unknown): string[] {
  const [was, is] = [before, after].map(
    (list) => new Map(texts(list).map((line) => [line.replace(/=[\s\S]*$/, ""), line] as const)),
  );
  const names = new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])]);
  return [...names]
    .filter((name) => was?.get(name) !== is?.get(name))
    .sort()
    .map((name) => `environment ${name}`);
}

/** The keys of elements that were added, removed or changed. */
function differences(
  before: unknown,
  after: unknown,
  key: string,
  value: (element: Readonly<Record<string, unknown>>) => unknown,
): string[] {
  const [was, is] = [before, after].map(
    (list) => new Map(elements(list).map((one) => [String(one[key]), JSON.stringify(value(one))] as const)),
  );
  const names = new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])]);
  return [...names].filter((name) => was?.get(name) !== is?.get(name)).sort();
}

function whole(element: unknown): unknown {
  return element;
}

function unchanged(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Attributes whose values say more than their names, and are never secret. */
const TELLING = new Set([
  "name",
  "content",
  "type",
  "proxied",
  "login",
  "restart",
  "url",
  "hostname",
  "port",
  "interval",
]);

function valueChange(word: string, { before, after }: Bodies, attribute: string): string[] {
  const [was, is] = [before[attribute], after[attribute]];
  if (was === is) return [];
  const plain = (value: unknown): value is string | number | boolean =>
    ["string", "number", "boolean"].includes(typeof value) && !/\$\{/.test(String(value));
  return TELLING.has(attribute) && plain(was) && plain(is) ? [`${word} ${was} → ${is}`] : [word];
}
