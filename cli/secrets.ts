import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { Generations } from "../constructs/generations";
import type { Manifest, SecretUseFacts } from "../constructs/manifest";
import { alternatives } from "../constructs/text";
import { isCarried } from "../constructs/text-limits";
import { makeSecret, publicHalf } from "../deploy/make-secret";
import { storeOf, type StoredSecret } from "../deploy/store";
import { plainJson, plainly } from "../plan/plain";
import { colors } from "./colors";
import { currentLab } from "./lab";
import { uncarriedSecret, UserError } from "./manifest";
import { table } from "./table";

/** `homelab secrets`: what the lab needs, what its store has, new values. It never prints a value. */
export function addSecrets(program: Command): void {
  const secrets = program.command("secrets").description("list, generate, set and rotate the lab's secrets");
  const manifest = (): Promise<Manifest> => currentLab(program);

  secrets
    .command("list")
    .description("list the secrets that the lab needs: generation, whether the store has them, where they may rest")
    .option("--check", "exit with 1 when one is missing or has another generation")
    .option("--json", "print as JSON")
    .action(async (options: { check?: boolean; json?: boolean }) => {
      const lab = await manifest();
      const stored = await storeOf(lab).read();
      const rows = lab.secrets.map((secret) => ({ ...secret, state: stateOf(secret, stored.get(secret.name)) }));
      console.log(options.json ? plainJson(rows) : listed(plainly(rows)));
      const wrong = rows.filter(({ state }) => state !== "stored");
      if (options.check && wrong.length > 0)
        throw new UserError(`${wrong.length} secrets are not as the lab needs them: ${names(wrong)}`);
    });

  secrets
    .command("generate")
    .description("make a value for every secret that is missing and that nobody has to choose")
    .action(async () => {
      const lab = await manifest();
      const store = storeOf(lab);
      const { missing, changes } = await store.change(async (stored, write) => {
        const missing = lab.secrets.filter(({ name }) => !stored.has(name));
        const changes = make(missing, stored);
        if (changes.size > 0) await write(changes);
        return { missing, changes };
      });
      for (const [name, { value }] of changes) console.log(described(name, value));
      if (changes.size === 0) console.log(`${store.label}: nothing to generate`);
      const left = missing.filter(({ name }) => !changes.has(name));
      for (const { name } of left)
        console.log(
          `${colors.yellow(name)}: somebody has to choose it, enter it with: npx homelab secrets set ${name}`,
        );
    });

  secrets
    .command("set")
    .description("store a value that is read from standard input, for a secret that somebody else makes")
    .argument("<name>", "full name, or SERVICE.KEY")
    .action(async (given: string) => {
      const lab = await manifest();
      const secret = find(lab, given);
      const store = storeOf(lab);
      const refuseSecond = (stored: ReadonlyMap<string, StoredSecret>): void => {
        if (stored.has(secret.name))
          throw new UserError(
            `${secret.name} has a value in ${store.label}: a new one is set by "homelab secrets rotate"`,
          );
      };
      refuseSecond(await store.read()); // before somebody types it
      const value = await entered(secret.name);
      await store.change(async (stored, write) => {
        refuseSecond(stored);
        await write(new Map([[secret.name, { value, generation: secret.generation }]]));
      });
      console.log(`${store.label}: stored ${secret.name}, generation ${secret.generation}`);
    });

  secrets
    .command("rotate")
    .description(
      "give a secret a new value and a new generation; a value that nobody makes is read from standard input",
    )
    .argument("<name>", "full name, or SERVICE.KEY")
    .action(async (given: string) => {
      const lab = await manifest();
      const { generationsFile } = lab;
      if (generationsFile === undefined)
        throw new UserError("the lab keeps no generations: pass Generations.fromFile() in its configuration");
      const secret = find(lab, given);
      const store = storeOf(lab);
      if (store.isWritable) await store.read(); // before somebody types a value
      const chosen = secret.shape ? undefined : await entered(secret.name);
      const digests = lab.secrets.filter(({ shape }) => shape && "digestOf" in shape && shape.digestOf === secret.name);
      const changes = await store.change(async (stored, write) => {
        const generations = Generations.fromFile(generationsFile);
        const next = [secret, ...digests].map((one) => ({
          ...one,
          generation: Math.max(generations.tryGet(one.name) ?? 0, stored.get(one.name)?.generation ?? 0) + 1,
        }));
        const made = make(next, stored, chosen);
        await write(made);
        for (const { name, generation } of next) generations.set(name, generation);
        generations.save();
        return made;
      });
      for (const [name, { value, generation }] of changes)
        console.log(`${described(name, value)}, generation ${generation}`);
      console.log(`${generationsFile} changed, commit it, and deploy ${secret.stacks.join(", ") || "nothing"}`);
    });
}

/** New values of secrets that have a shape, in an order in which digests find what they are of. */
function make(
  wanted: readonly SecretUseFacts[],
  stored: ReadonlyMap<string, StoredSecret>,
  chosen?: string,
): Map<string, Required<StoredSecret>> {
  const made = new Map<string, Required<StoredSecret>>();
  const isDigest = ({ shape }: SecretUseFacts): boolean => shape !== undefined && "digestOf" in shape;
  for (const secret of [...wanted].sort((a, b) => Number(isDigest(a)) - Number(isDigest(b)))) {
    const { name, shape, generation } = secret;
    if (!shape && chosen === undefined) continue;
    if (shape && "digestOf" in shape && !made.has(shape.digestOf) && !stored.has(shape.digestOf)) continue;
    const valueOf = (other: string): string => (made.get(other) ?? stored.get(other))?.value ?? "";
    made.set(name, { value: shape ? makeSecret(shape, valueOf) : (chosen ?? ""), generation });
  }
  return made;
}

function stateOf({ generation }: SecretUseFacts, stored: StoredSecret | undefined): string {
  if (!stored) return "missing";
  if (stored.generation === undefined || stored.generation === generation) return "stored";
  return `generation ${stored.generation}`;
}

function listed(rows: readonly (SecretUseFacts & { readonly state: string })[]): string {
  const heading = ["SECRET", "GENERATION", "STORE", "MADE", "NEEDED BY", "RESTS IN THE STATE OF"];
  const cells = rows.map(({ name, generation, state, shape, stacks, persisted }) => [
    name,
    String(generation),
    state === "stored" ? colors.green(state) : colors.red(state),
    shapeInWords(shape),
    stacks.join(", ") || "-",
    Object.entries(persisted)
      .map(([stack, reason]) => `${stack} (${reason})`)
      .join(", ") || "-",
  ]);
  return table([heading.map((name) => colors.bold(name)), ...cells]);
}

function shapeInWords(shape: SecretUseFacts["shape"]): string {
  if (!shape) return "by hand";
  if ("length" in shape) return `${shape.length} characters`;
  return "digestOf" in shape ? `digest of ${shape.digestOf}` : `${shape.keyPair} key`;
}

function described(name: string, value: string): string {
  const isKey = value.startsWith("-----BEGIN PRIVATE KEY-----");
  return `${name}: made${isKey ? `, its public key:\n${publicHalf(value).trim()}` : ""}`;
}

function find({ secrets }: Manifest, given: string): SecretUseFacts {
  const found = secrets.find(({ name }) => name === given || name === `webservices.${given}`);
  if (!found)
    throw new UserError(
      `the lab needs no secret ${JSON.stringify(given)}, it needs ${alternatives(secrets.map(({ name }) => name))}`,
    );
  return found;
}

function names(secrets: readonly SecretUseFacts[]): string {
  return secrets.map(({ name }) => name).join(", ");
}

/** What is typed or piped in, without the newline at its end. */
async function entered(name: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(`value of ${name}, ended by Enter and Ctrl-D: `);
  const value = (await text(process.stdin)).replace(/\r?\n$/, "");
  if (!isCarried(value)) throw new UserError(uncarriedSecret(name));
  if (value === "") throw new UserError(`no value for ${name} on standard input: nothing was changed`);
  return value;
}
