/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "<rootDir>/__tests__/support/closing-environment.js",
  forceExit: true, // a suite that leaves something open has failed by then
  maxWorkers: "100%",
  testTimeout: 30_000, // one that hangs ends, and one that has to share the machine does not
  roots: ["<rootDir>/__tests__"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/integration/"],
  moduleNameMapper: { "^archiver$": "<rootDir>/__tests__/support/no-archiver.js" },
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }] },
};
