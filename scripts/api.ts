/**
 * Writes the public interface of each entry of the package to `docs/api/`, as the compiler sees it in `dist`: names, types
 * and members without comments, sorted by name. With `--check` it only looks, and fails where the interface is another one.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

const ROOT = path.join(__dirname, "..");
const FOLDER = path.join(ROOT, "docs/api");

const printer = ts.createPrinter({ removeComments: true });

/** The entries of the package that have types: the name of each report, and the file. */
function entries(): { readonly name: string; readonly file: string }[] {
  const { exports } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  return Object.entries(exports).flatMap(([key, entry]) => {
    if (typeof entry === "string") return [];
    const name = key === "." ? "index" : key.slice(2).replaceAll("/", "-");
    return [{ name: `${name}.txt`, file: path.join(ROOT, entry.types) }];
  });
}

function reportOf(program: ts.Program, file: string): string {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  if (!source) throw new Error(`${file} does not exist: run "npm run build"`);
  const entry = checker.getSymbolAtLocation(source);
  const exported = entry ? checker.getExportsOfModule(entry) : [];
  // What adds to the types of others exports nothing, and is all of its file.
  if (exported.length === 0) return printer.printFile(source);
  return exported
    .map((symbol) => ({ name: symbol.name, text: declarationsOf(checker, symbol) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ text }) => `${text}\n`)
    .join("\n");
}

function declarationsOf(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const named = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return (named.declarations ?? [])
    .map((declaration) => {
      const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
      const shown = ts.isClassDeclaration(node) ? withoutPrivates(node) : node;
      const text = printer.printNode(ts.EmitHint.Unspecified, shown, declaration.getSourceFile());
      return text.replace(/import\("\.[^"]*"\)\./g, ""); // in which file a type stands is ours to change
    })
    .join("\n");
}

/** A class as others see it. */
function withoutPrivates(node: ts.ClassDeclaration): ts.ClassDeclaration {
  const members = node.members.filter(
    (member) => !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) && !isHashed(member),
  );
  const { modifiers, name, typeParameters, heritageClauses } = node;
  return ts.factory.createClassDeclaration(modifiers, name, typeParameters, heritageClauses, members);
}

function isHashed({ name }: ts.ClassElement): boolean {
  return name !== undefined && ts.isPrivateIdentifier(name);
}

function main(words: readonly string[]): void {
  const all = entries();
  const program = ts.createProgram(
    all.map(({ file }) => file),
    {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
    },
  );
  const reports = new Map(all.map(({ name, file }) => [name, reportOf(program, file)]));
  const known = fs.existsSync(FOLDER) ? fs.readdirSync(FOLDER) : [];
  if (!words.includes("--check")) {
    fs.rmSync(FOLDER, { recursive: true, force: true });
    fs.mkdirSync(FOLDER);
    for (const [name, text] of reports) fs.writeFileSync(path.join(FOLDER, name), text);
    return;
  }
  const other = [...new Set([...reports.keys(), ...known])].filter(
    (name) => !known.includes(name) || fs.readFileSync(path.join(FOLDER, name), "utf8") !== reports.get(name),
  );
  if (other.length === 0) return;
  console.error(
    `the public interface is not that of docs/api: ${other.join(", ")}; run "npm run api" and commit what it writes if that is meant`,
  );
  process.exitCode = 1;
}

main(process.argv.slice(2));
