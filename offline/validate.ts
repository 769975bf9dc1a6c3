import type { StackDocument } from "./providers";
import type { OfflineTerraform } from "./terraform";

/** What Terraform found wrong with a stack, told by who declared it. */
export interface Finding {
  /** The stack. */
  readonly stack: string;
  /** The resource's address, where Terraform names one. */
  readonly address?: string;
  /** The construct that made it. */
  readonly path?: string;
  /** What is wrong, in Terraform's words. */
  readonly message: string;
}

interface Diagnostic {
  readonly severity: string;
  readonly summary: string;
  readonly detail?: string;
  readonly snippet?: { readonly context?: string | null };
}

/** Holds a stack against the schemas of its providers, with Terraform itself. */
export async function validateStack(terraform: OfflineTerraform, stack: StackDocument): Promise<Finding[]> {
  const folder = await terraform.prepare(stack);
  const { stdout, stderr } = await terraform.run(folder, ["validate", "-json", "-no-color"], stack.document.variable);
  let diagnostics: readonly Diagnostic[];
  try {
    ({ diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] });
  } catch {
    throw new Error(`stack ${JSON.stringify(stack.name)} can't be validated: ${(stderr || stdout).trim()}`);
  }
  return diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ summary, detail, snippet }) => ({
      stack: stack.name,
      ...declaredBy(stack, snippet?.context),
      message: detail ? `${summary}: ${detail}` : summary,
    }));
}

function declaredBy(
  { document }: StackDocument,
  context: string | null | undefined,
): Pick<Finding, "address" | "path"> {
  const match = /^(?<kind>resource|data)\.(?<type>[^.]+)\.(?<name>[^.]+)/.exec(context ?? "")?.groups;
  if (!match?.type || !match.name) return {};
  const metadata = document[match.kind === "data" ? "data" : "resource"]?.[match.type]?.[match.name]?.["//"]?.metadata;
  return { address: `${match.type}.${match.name}`, path: metadata?.path };
}
