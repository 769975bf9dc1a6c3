import { literal } from "../../contract/text";

/** A part of a template that is either text or the value of a secret. */
export type SecretPiece = string | { readonly expression: string; readonly encode?: "url" };

/** The base64 of text, or a Terraform expression for that of text and secrets joined. */
export function base64Expression(pieces: readonly SecretPiece[]): string {
  if (pieces.every((piece) => typeof piece === "string")) return Buffer.from(pieces.join("")).toString("base64");
  return `\${base64encode(join("", [${pieces.map(templatePiece).join(", ")}]))}`;
}

/** A piece as an expression of Terraform. They are joined by a function: a `$` before a `${` would escape it. */
function templatePiece(piece: SecretPiece): string {
  if (typeof piece === "string")
    return `"${literal(piece.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r"))}"`;
  // Terraform encodes a query, where a space is a plus; in the rest of a URL a plus is a plus.
  return piece.encode === "url" ? `replace(urlencode(${piece.expression}), "+", "%20")` : piece.expression;
}
