import {
  Access,
  Backup,
  HomelabService,
  Probe,
  Route,
  Volume,
  type Parts,
  type HomelabServiceProps,
} from "../../constructs";
import type { Homelab } from "../../stacks";
import { lab, type Change } from "../support/changes";

function wiki(home: Homelab, changes: Partial<HomelabServiceProps<Parts>> = {}, name = "wiki"): void {
  new HomelabService(home.host("app-01"), name, {
    image: "example/wiki:1.0.0",
    port: 80,
    health: Probe.none("a test"),
    parts: {
      web: Route.in(home.zone("example.com"), { label: name, access: Access.twoFactor() }),
      data: Volume.at("/var/wiki"),
      nightly: Backup.nightly(),
    },
    ...changes,
  });
}

const base = lab((home) => wiki(home));

/** What nobody has to be warned of. */
export const rows: readonly Change[] = [
  {
    name: "nothing at all",
    base,
    head: lab((home) => wiki(home)),
    firstLine: "Nothing changes.",
    exitCode: 0,
    failsOn: [],
  },
  {
    name: "a new service",
    base,
    head: lab((home) => {
      wiki(home);
      wiki(home, {}, "more");
    }),
    firstLine: "No data is lost; more is new.",
    exitCode: 2,
    failsOn: [],
  },
  {
    name: "a value in the environment",
    base,
    head: lab((home) => wiki(home, { environment: () => ({ LOG_LEVEL: "debug" }) })),
    firstLine: "No data is lost; wiki restarts.",
    exitCode: 2,
    failsOn: [],
  },
];
