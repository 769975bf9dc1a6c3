const unit = require("./jest.config.js");

/** Tests with real programs: each file says what it could not run and why. */
module.exports = { ...unit, testMatch: ["**/integration/*.test.ts"], testPathIgnorePatterns: [], testTimeout: 120_000 };
