const unit = require("./jest.config.js");

// A fifth of what Terraform computes is looking for memory to use again, of which it has little to look for.
process.env.GOGC ??= "400";

/** Tests with real programs: each file says what it could not run and why. */
module.exports = { ...unit, testMatch: ["**/integration/*.test.ts"], testPathIgnorePatterns: [], testTimeout: 120_000 };
