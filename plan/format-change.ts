import type { DataFormatFacts } from "../contract/service-facts";
import {
  builderOf,
  dataVersionOf,
  declaredFormat,
  extensionsOf,
  formatOf,
  movesFolder,
  sortsByMusl,
  type Format,
} from "./image-families";
import { compareVersions, nameOfImage } from "./image-reference";
import type { DataReport } from "./model";

/** A program that reads and writes data. */
export interface Program {
  /** Its image. */
  readonly image: string;
  /**
   * What its service says of its versions.
   *
   * @default - nothing
   */
  readonly declared?: DataFormatFacts["versions"];
}

type Verdict = Pick<DataReport, "severity" | "message">;

/** Who gets what data, in words. */
interface Words {
  readonly name: string;
  readonly what: string;
}

/** What it means for data that another version or program gets it; undefined where it means nothing. */
export function judge(was: Program, is: Program, words: Words): Verdict | undefined {
  if ((was.declared === "any" && is.declared === "any") || was.image === is.image) return undefined;
  const [before, after] = [formatFor(was), formatFor(is)];
  return (
    otherProgram(was, is, before, after, words) ??
    lostExtension(was, is, words) ??
    otherVersion(was, is, after, words) ??
    otherOrder(was, is, after, words)
  );
}

function formatFor({ image, declared }: Program): Format | undefined {
  if (declared === undefined || declared === "any") return formatOf(image);
  return declaredFormat(nameOfImage(image), declared);
}

function otherProgram(
  was: Program,
  is: Program,
  before: Format | undefined,
  after: Format | undefined,
  { name, what }: Words,
): Verdict | undefined {
  const [from, to] = [before?.name ?? nameOfImage(was.image), after?.name ?? nameOfImage(is.image)];
  const [builtBy, nowBuiltBy] = [builderOf(was.image), builderOf(is.image)];
  if (from === to && builtBy === nowBuiltBy) return undefined;
  const change = `${name} runs ${is.image} on ${what}, which ${was.image} wrote`;
  const copy = "copy the data first, and take it over as the new program's documentation says";
  const [major = 0, minor = 0] = dataVersionOf(was.image, before) ?? [];
  if (from === "Redis" && to === "Valkey" && (major < 7 || (major === 7 && minor <= 2)))
    return { severity: "warning", message: `${change}: Valkey reads data of Redis up to 7.2: ${copy}` };
  if (from === to)
    return { ...caution(before), message: `${change}: images of another builder keep data in other folders: ${copy}` };
  const isKnown = before !== undefined || after !== undefined;
  return { ...(isKnown ? {} : { severity: "warning" }), message: `${change}: nothing says that it reads it: ${copy}` };
}

function lostExtension(was: Program, is: Program, { name, what }: Words): Verdict | undefined {
  const extension = extensionsOf(was.image);
  if (extension === undefined || extensionsOf(is.image) === extension) return undefined;
  return {
    message: `${name} runs ${is.image} on ${what}, where ${was.image} may have made tables that need what only ${extension} brings: drop these extensions first, or keep the image`,
  };
}

function otherVersion(was: Program, is: Program, format: Format | undefined, words: Words): Verdict | undefined {
  const [before, after] = [dataVersionOf(was.image, format), dataVersionOf(is.image, format)];
  const { name, what } = words;
  if (!before || !after)
    return {
      severity: "warning",
      message: `${name} goes from ${was.image} to ${is.image}, of which nobody can tell the newer one: an older program may not read ${what}, so copy it first`,
    };
  const { series = 1, backSeries = Infinity } = format ?? {};
  const called = format?.name ?? nameOfImage(is.image);
  const [from, to] = [before, after].map((version) => version.join("."));
  if (compareVersions(before.slice(0, backSeries), after.slice(0, backSeries)) < 0)
    return {
      ...caution(format),
      message: format
        ? `${name} goes back from ${called} ${from} to ${to}, which does not read ${what} as ${from} left it: stay with ${from}, or put back a copy of the data that ${to} wrote`
        : `${name} goes back from ${from} to ${to}: programs migrate their data, and an older version may not read ${what}: stay with ${from}, or put back a copy of the data that ${to} wrote`,
    };
  const steps = compareVersions(before.slice(0, series), after.slice(0, series));
  if (steps <= 0) return undefined;
  const folder = format && movesFolder(format, before, after) ? `; its image keeps data below /var/lib/postgresql` : "";
  const { how = "stop it and copy the data first" } = format ?? {};
  return {
    ...caution(format),
    message: `${name} goes from ${called} ${from} to ${to}, ${UP[format?.up ?? "unknown"](what, from)}${folder}: ${how}`,
  };
}

const UP: Readonly<Record<Format["up"] | "unknown", (what: string, from?: string) => string>> = {
  refuses: (what, from) => `which does not start on ${what} as ${from ?? "it"} left it`,
  "step-by-step": (what) => `which takes ${what} over from the series right before it only, and changes it for good`,
  migrates: (what) => `which changes ${what} for good when it starts`,
  unknown: (what) => `which may change ${what} for good when it starts`,
};

function otherOrder(was: Program, is: Program, format: Format | undefined, { name, what }: Words): Verdict | undefined {
  if (format?.name !== "PostgreSQL" || sortsByMusl(was.image) === sortsByMusl(is.image)) return undefined;
  return {
    severity: "warning",
    message: `${name} goes from ${was.image} to ${is.image}, whose C library sorts text in another order than the indexes of ${what} are built by: run REINDEX DATABASE afterwards`,
  };
}

/** What is not known is a warning. */
function caution(format: Format | undefined): Pick<Verdict, "severity"> {
  return format ? {} : { severity: "warning" };
}
