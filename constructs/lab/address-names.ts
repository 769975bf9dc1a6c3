import { TerraformStack, type TerraformElement } from "cdktf";
import type { IConstruct } from "constructs";
import { formerIdOf, keptNamesOf } from "./former-id";
import { Owner } from "./owner";
import { snakeCase } from "../../contract/text";

/** Ids that name no thing of their own: they are left out of addresses. */
const SILENT_IDS = new Set(["Resource", "Files", "Placement", "Folder"]);

/** The name of an element in its address: the ids on the way to it in its stack, in snake case. */
export function addressName(
  element: TerraformElement,
  idOf: (construct: IConstruct) => string = (construct) => construct.node.id,
): string {
  const holder = holderOf(element);
  if (!holder) return nameOf(element, scopesOf(element), idOf);
  return below(holder, holder.names.at(-1) ?? "");
}

/**
 * All names that an element may have had before what is renamed on the way to it was, in one order, without its present
 * one. Terraform follows one way only to an address, so all are on one: from step to step one thing gets its name.
 */
export function formerNames(element: TerraformElement): string[] {
  const holder = holderOf(element);
  if (holder) return holder.names.slice(0, -1).map((name) => below(holder, name));
  const renamed = element.node.scopes.filter((scope) => formerIdOf(scope) !== undefined);
  if (renamed.length === 0) return [];
  const names = renamings(renamed.length).map((isFormer) =>
    addressName(element, (construct) => {
      const former = isFormer[renamed.indexOf(construct)] === true ? formerIdOf(construct) : undefined;
      return former ?? construct.node.id;
    }),
  );
  return names.filter((name, index) => names.lastIndexOf(name) === index).slice(0, -1);
}

/** What an element is in that holds data, the names of that, and the ids that lead on from there. */
interface InHolder {
  readonly names: readonly string[];
  readonly rest: string;
}

function holderOf(element: TerraformElement): InHolder | undefined {
  const scopes = scopesOf(element);
  const at = scopes.findLastIndex((scope) => keptNamesOf(scope).length > 0);
  const scope = scopes[at];
  if (!scope) return undefined;
  return { names: keptNamesOf(scope), rest: nameOf(element, scopes.slice(at + 1), ({ node }) => node.id) };
}

function below({ rest }: InHolder, name: string): string {
  return `${name}_${rest}`;
}

function scopesOf(element: TerraformElement): IConstruct[] {
  const { scopes } = element.node;
  return scopes.slice(scopes.indexOf(TerraformStack.of(element)) + 1);
}

function nameOf(
  element: TerraformElement,
  scopes: readonly IConstruct[],
  idOf: (construct: IConstruct) => string,
): string {
  const named = scopes.filter((construct) => !SILENT_IDS.has(construct.node.id) && !Owner.is(construct));
  const name = named.map((construct) => snakeCase(idOf(construct))).join("_") || snakeCase(element.node.id);
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** Which of several renamed things still have their former names, from all of them to none. */
function renamings(count: number): boolean[][] {
  // The Gray code, backwards.
  return Array.from({ length: 2 ** count }, (_, index) => 2 ** count - 1 - index).map((index) =>
    Array.from({ length: count }, (_, bit) => (((index ^ (index >> 1)) >> bit) & 1) === 1),
  );
}

/** One step of a way to an address. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** The way through all addresses of a thing, from the oldest to the present one. */
export function movesAlong(addresses: readonly string[]): Move[] {
  return addresses.slice(0, -1).map((from, index) => ({ from, to: addresses[index + 1] ?? from }));
}
