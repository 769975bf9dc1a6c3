/** Documents for programs that read YAML 1.1, as most do: `no`, `on` and `1e3` are quoted where they are text. */
export const YAML_OPTIONS = { lineWidth: 0, compat: "yaml-1.1" } as const;
