import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { isRepositoryKey, serviceOfSecret } from "../contract/secret-names";
import { Generations } from "../contract/generations";
import type { Manifest } from "../contract/manifest";
import type { SecretUseFacts } from "../contract/secret-shapes";
import { alternatives } from "../contract/text";
import { makeSecret, publicHalf } from "../deploy/make-secret";
import { type NewSecret, type StoredSecret, type WrittenSecret } from "../deploy/store";
import { storeOf } from "../deploy/secret-stores";
import { plain, plainJson, plainly } from "../contract/plain";
import { colors } from "./colors";
import { currentLab } from "./lab";
import { UserError } from "../process/user-error";
import { recordValues, stateInWords, stateOf } from "./secret-state";
import { checkValue } from "./secret-values";
import { table } from "./table";

/** `homelab secrets`: what the lab needs, what its store has, new values. It never prints a value. */
export function addSecrets(program: Command): void {
  const secrets = program.command("secrets").description("list, generate, set and rotate the lab's secrets");
  const manifest = (): Promise<Manifest> => currentLab(program);

  secrets
    .command("list")
    .description("list the secrets that the lab needs: generation, whether the store has them, where they may rest")
    .option("--check", "exit with 1 when one is missing, in the clear, or not the one that the code is of")
    .option("--json", "print as JSON")
    .action(async (options: { check?: boolean; json?: boolean }) => {
      const lab = await manifest();
      const store = storeOf(lab);
      const stored = await store.read();
      const rows = lab.secrets.map((secret) => ({ ...secret, state: stateOf(secret, stored.get(secret.name)) }));
      console.log(options.json ? plainJson(rows) : listed(plainly(rows)));
      const wrong = rows.filter(({ state }) => state !== "stored");
      if (!options.check) return;
      const told = wrong.filter(({ state }) => state !== "missing");
      for (const secret of told) tell(stateInWords(secret, stored.get(secret.name), store, lab));
      const bare = rows.filter(({ name, fingerprint }) => stored.has(name) && fingerprint === undefined);
      if (store.isWritable && bare.length > 0)
        tell(`two values of one generation can't be told apart yet, until each has a new one: ${names(bare)}`);
      if (wrong.length > 0)
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
        record(lab, changes.size > 0 ? await write(changes) : unrecorded(lab, stored));
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
      const value = await entered(secret);
      await store.change(async (stored, write) => {
        refuseSecond(stored);
        record(lab, await write(new Map([[secret.name, { value, generation: secret.generation }]])));
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
      if (isRepositoryKey(secret.name))
        throw new UserError(
          `${secret.name} opens the copies that are there, and another key would open none: to change it declare a repository of another name, and remove the old one when nobody needs its copies`,
        );
      const store = storeOf(lab);
      if (store.isWritable) await store.read(); // before somebody types a value
      const chosen = secret.shape ? undefined : await entered(secret);
      const digests = lab.secrets.filter(({ shape }) => shape && "digestOf" in shape && shape.digestOf === secret.name);
      const changes = await store.change(async (stored, write) => {
        const generations = Generations.fromFile(generationsFile);
        const next = [secret, ...digests].map((one) => ({
          ...one,
          generation: Math.max(generations.tryGet(one.name) ?? 0, stored.get(one.name)?.generation ?? 0) + 1,
        }));
        const made = make(next, stored, chosen);
        recordValues(lab, await write(made));
        return made;
      });
      for (const [name, { value, generation }] of changes)
        console.log(`${described(name, value)}, generation ${generation}`);
      console.log(`${plain(generationsFile)} changed, commit it, and deploy ${secret.stacks.join(", ") || "nothing"}`);
    });
}

/** New values of secrets that have a shape, in an order in which digests find what they are of. */
function make(
  wanted: readonly SecretUseFacts[],
  stored: ReadonlyMap<string, StoredSecret>,
  chosen?: string,
): Map<string, NewSecret> {
  const made = new Map<string, NewSecret>();
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

/** What is stored and nowhere recorded: a command that was killed between the two files left it so. */
function unrecorded({ secrets }: Manifest, stored: ReadonlyMap<string, StoredSecret>): Map<string, WrittenSecret> {
  return new Map(
    secrets.flatMap(({ name, generation, fingerprint: known }) => {
      const found = stored.get(name);
      if (known !== undefined || found?.fingerprint === undefined || found.generation !== generation) return [];
      return [[name, { generation, fingerprint: found.fingerprint }] as const];
    }),
  );
}

function record(lab: Manifest, written: ReadonlyMap<string, WrittenSecret>): void {
  if (recordValues(lab, written)) tell(`${lab.generationsFile ?? ""} changed, commit it`);
}

function tell(sentence: string): void {
  process.stderr.write(`homelab: ${plain(sentence)}\n`);
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

/** The name of a service's secret without what all of them begin with. */
function shortName(name: string): string | undefined {
  const own = serviceOfSecret(name);
  return own && `${own.service}.${own.word}`;
}

function find({ secrets }: Manifest, given: string): SecretUseFacts {
  const found = secrets.find(({ name }) => name === given || shortName(name) === given);
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
async function entered(secret: SecretUseFacts): Promise<string> {
  const { name } = secret;
  if (process.stdin.isTTY) process.stderr.write(`value of ${name}, ended by Enter and Ctrl-D: `);
  const value = (await text(process.stdin)).replace(/\r?\n$/, "");
  if (value === "") throw new UserError(`no value for ${name} on standard input: nothing was changed`);
  checkValue(secret, value);
  return value;
}
