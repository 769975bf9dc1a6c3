/** What a command tells its user when it can't go on: one sentence, without a stack trace. */
export class UserError extends Error {}
