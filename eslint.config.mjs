import jsdoc from "eslint-plugin-jsdoc";
import tseslint from "typescript-eslint";

/** Every optional property of an exported interface says what leaving it out means. */
const documentDefaults = {
  create(context) {
    return {
      "ExportNamedDeclaration > TSInterfaceDeclaration TSPropertySignature[optional=true]"(node) {
        const comment = context.sourceCode.getCommentsBefore(node).at(-1);
        // What describes data takes no input.
        const isManifest =
          /\/(manifest|access-rules|secret-shapes|service-facts|host-facts|recording|fixtures|validate|providers|protocol|stack-plan|model|findings|differences|labs|exposure|exposure-entry|containers|reach|routers|muxer|traefik-rules|store|coverage|backups)\.ts$/.test(
            context.filename,
          );
        if (!isManifest && !comment?.value.includes("@default")) {
          context.report({ node, message: "say with @default what leaving this out means" });
        }
      },
    };
  },
};

const restricted = (...patterns) => [
  "error",
  {
    patterns: [
      { regex: "^@cdktf/provider-(?!generator)[a-z]+$", message: "import the one file: the index costs half a second" },
      ...patterns,
    ],
  },
];
const above = (names, message) => ({ regex: `^(\\.\\./)+(${names.join("|")})(/|$)`, message });

/** The rooms of the two sides, which meet in the contract: each imports from those before it, and never from itself upwards. */
const DECLARING = ["contract", "constructs", "services", "stacks"];
const COMMANDING = ["contract", "process", "offline", "deploy", "plan", "cli"];
/** The rooms of `constructs/`: each imports from those before it. */
const CONSTRUCTS = [
  "values",
  "lab",
  "ledger",
  "host",
  "container",
  "part",
  "files",
  "secrets",
  "data",
  "network",
  "routing",
  "monitoring",
  "workload",
  "postgres",
  "backup",
];
const after = (rooms, room) => rooms.slice(rooms.indexOf(room) + 1);
const upwards = "imports run downwards: see the order of the rooms in eslint.config.mjs";
const restrictedIn = (files, ...patterns) => ({
  files,
  rules: { "@typescript-eslint/no-restricted-imports": restricted(...patterns) },
});
const written = {
  regex: "^(cdktf|constructs|@cdktf/.*)$",
  message: "commands read what a synthesis wrote",
};

export default tseslint.config(
  { ignores: ["api-reference", "dist", ".gen", "cdktf.out", "node_modules", "coverage"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    plugins: { jsdoc, local: { rules: { "document-defaults": documentDefaults } } },
    rules: {
      "local/document-defaults": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // A construct is made for what it adds to the tree.
      "@typescript-eslint/no-extraneous-class": "off",
      "no-new": "off",
      // cdktf itself hands scopes around as IConstruct.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/no-restricted-imports": restricted(),
    },
  },
  {
    files: ["constructs/**", "stacks/**", "services/**"],
    ignores: ["**/index.ts"],
    rules: {
      "jsdoc/require-jsdoc": [
        "error",
        {
          publicOnly: true,
          contexts: [
            "TSInterfaceDeclaration",
            "TSTypeAliasDeclaration",
            "MethodDefinition[accessibility=public]",
            "PropertyDefinition[accessibility=public]",
          ],
          require: { ClassDeclaration: true, FunctionDeclaration: true },
        },
      ],
    },
  },
  restrictedIn(
    ["contract/**"],
    { regex: "^(cdktf|constructs|@cdktf/.*)$", message: "both sides read the contract" },
    { regex: "^\\.\\./", message: "the contract knows neither side" },
  ),
  ...["services", "stacks"].map((room) =>
    restrictedIn([`${room}/**`], above([...after(DECLARING, room), ...COMMANDING.slice(1)], upwards)),
  ),
  ...COMMANDING.slice(1).map((room) =>
    restrictedIn([`${room}/**`], written, above([...after(COMMANDING, room), "services", "stacks"], upwards)),
  ),
  restrictedIn(["constructs/**"], above(["services", "stacks", ...COMMANDING.slice(1)], upwards)),
  ...CONSTRUCTS.slice(0, -1).map((room) =>
    restrictedIn(
      [`constructs/${room}/**`],
      above(["services", "stacks", ...COMMANDING.slice(1)], upwards),
      above(after(CONSTRUCTS, room), upwards),
      { regex: "^\\.\\./(index|host|parts)$", message: upwards },
    ),
  ),
  {
    files: ["__tests__/**", "bench/**", "docs/**"],
    rules: {
      "local/document-defaults": "off",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-explicit-any": "off",
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
