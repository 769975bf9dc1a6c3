import { planMatchers } from "./matchers";

const runner = globalThis as { readonly expect?: { extend(matchers: object): void } };
if (!runner.expect) {
  throw new Error(
    "cdktf-homelab/testing/jest adds matchers to the global 'expect', and there is none: name it in 'setupFilesAfterEnv' of jest's configuration, or import it in a test",
  );
}
runner.expect.extend(planMatchers);

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the types of jest are a namespace
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- both have to be as jest declares them
    interface Matchers<R, T> {
      /** Nothing is destroyed, and nothing but containers is replaced. */
      toDestroyNothing(): R;
      /** Nothing at all changes. */
      toChangeNothing(): R;
      /** These services restart, and no other one does; without names nothing restarts. */
      toRestartOnly(...services: readonly string[]): R;
      /** No data is destroyed, and no service that has data starts on a new, empty place for it. */
      toKeepData(): R;
      /** An address can be reached by somebody who could not before: a host name, or one with a path. */
      toExpose(address: string): R;
    }
  }
}
