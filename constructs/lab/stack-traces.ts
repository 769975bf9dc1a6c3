/**
 * cdktf records where every token was made, with the whole stack each time: a quarter of a synthesis, for the last
 * lines of one kind of error. This leaves those traces out and every other error's stack alone. The environment
 * variable `CDKTF_HOMELAB_STACK_TRACES=1` brings them back.
 */
export function skipTokenStackTraces(): void {
  if (process.env.CDKTF_HOMELAB_STACK_TRACES === "1" || patched) return;
  patched = true;
  const capture = Error.captureStackTrace.bind(Error);
  Error.captureStackTrace = (target, constructor) => {
    // cdktf asks for this depth, and nobody else does (cdktf/lib/tokens/private/stack-trace.ts).
    if (Error.stackTraceLimit === Number.MAX_SAFE_INTEGER) Object.assign(target, { stack: "" });
    else capture(target, constructor);
  };
}

let patched = false;
