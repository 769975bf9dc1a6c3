import { createRequire, Module } from "node:module";

/*
 * cdktf loads a program that makes archives, and 150 files with it, for an asset that is a folder: a third of the time
 * in which a small lab is synthesized. Here it is loaded when it is first used. The entries of the library read this
 * file first; where cdktf was loaded before, there is nothing to win, and nothing happens.
 */
const ofCdktf = createRequire(require.resolve("cdktf"));
const file = tryResolve("archiver");
if (file !== undefined && require.cache[file] === undefined) {
  const late = new Module(file);
  late.exports = standIn(() => {
    Reflect.deleteProperty(require.cache, file);
    return ofCdktf(file) as Callable;
  });
  late.loaded = true;
  require.cache[file] = late;
}

/** Another version of cdktf may have another archiver. */
function tryResolve(name: string): string | undefined {
  try {
    return ofCdktf.resolve(name);
  } catch {
    return undefined;
  }
}

type Callable = (...args: readonly unknown[]) => unknown;

/** A function that is loaded when somebody calls it, or asks for what is on it. */
function standIn(load: () => Callable): Callable {
  let loaded: Callable | undefined;
  const real = (): Callable => (loaded ??= load());
  return new Proxy<Callable>(() => undefined, {
    apply: (_target, self, args: unknown[]) => Reflect.apply(real(), self, args),
    get: (_target, key) => Reflect.get(real(), key) as unknown,
    has: (_target, key) => Reflect.has(real(), key),
  });
}
