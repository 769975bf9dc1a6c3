/** A value as it appears in an error message. */
export function quote(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** A list of alternatives as it appears in an error message: `"a", "b"`, or `none`. */
export function alternatives(values: Iterable<string>): string {
  const list = [...values].sort();
  return list.length > 0 ? list.map(quote).join(", ") : "none";
}

/** What nobody sees in a line of text: control and format characters (bidirectional ones), line ends, half characters. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** What cdktf puts into a string in place of a value that is known later. */
const TOKEN = /(\$\{TfToken\[[A-Za-z0-9.]+\]\})/;

/**
 * Text that Terraform takes literally: `${` and `%{` start a template in every string of a JSON configuration, also in
 * a label or a file. Tokens of cdktf inside the text stay what they are.
 */
export function literal(text: string): string {
  // Terraform takes a byte order mark at the beginning of a string for one of its own file's.
  const [mark, rest] = text.startsWith("\ufeff") ? ['${"\ufeff"}', text.slice(1)] : ["", text];
  const parts = rest.split(TOKEN);
  if (parts.length === 1) return mark + returns(rest.replace(/([$%])\{/g, "$1$1{"));
  // Beside a token each run of `$` is a string of its own: before it a `$` would escape it, and cdktf takes what follows
  // any `${` for an expression, in which it writes a token without braces.
  const escaped = parts.map((part, index) =>
    index % 2 === 1 ? part : returns(part.replace(/\$+(?=\{|$)/g, '${"$&"}').replace(/%\{/g, "%%{")),
  );
  return mark + escaped.join("");
}

/**
 * Behind a carriage return without a line feed Terraform takes all `${` of a string for text (seen with 1.11.4), so it is
 * an expression, with the `$` before it, which would escape that.
 */
function returns(text: string): string {
  return text.replace(/(\$*)\r(?!\n)/g, '${"$1\\r"}');
}

/** One word of a POSIX shell, whatever it contains except NUL. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Text inside a regular expression of Go (RE2) that matches itself. */
export function regexLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** `paperlessNgx`, `paperless-ngx` and `paperless.ngx` as a part of a Terraform identifier: `paperless_ngx`. */
export function snakeCase(text: string): string {
  if (/^[a-z0-9]+(_+[a-z0-9]+)*$/.test(text)) return text;
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase();
}

/** A key as names have it that take hyphens and no underscores: `searchIndex` is `search-index`. */
export function kebabCase(text: string): string {
  return snakeCase(text).replaceAll("_", "-");
}

/** A host name and what follows it as an identifier of Terraform, which begins with no digit: `_2fa_example_com_a`. */
export function identifier(text: string): string {
  return text.replaceAll(".", "_").replace(/^(?=[0-9])/, "_");
}
