import type { App } from "cdktf";
import {
  Backup,
  Companion,
  HomelabService,
  Probe,
  Volume,
  type BackupOptions,
  type IServicePart,
  type Parts,
} from "../../constructs";
import { lab, type Change } from "../support/changes";

const basic = { image: "example/app:1.0.0", health: Probe.none("a test") } as const;
const NIGHTLY: BackupOptions = { at: "03:00", before: [["dump", "now"]] };

interface Options {
  readonly nightly?: BackupOptions;
  readonly nothing?: boolean;
  readonly more?: Parts;
  readonly companion?: Parts;
  readonly twice?: boolean;
}

/** A service with two volumes, and one of its companion, backed up at night. */
function made(options: Options = {}): (app: App) => void {
  const none: IServicePart<void> = Backup.none("a test");
  return lab((home) => {
    new HomelabService(home.host("app-01"), "app", {
      ...basic,
      parts: {
        data: Volume.at("/data"),
        uploads: Volume.at("/uploads"),
        queue: Companion.container({ ...basic, port: 6379, parts: { jobs: Volume.at("/jobs"), ...options.companion } }),
        nightly: options.nothing === true ? none : Backup.nightly(options.nightly ?? NIGHTLY),
        ...(options.twice === true && { noon: Backup.nightly({ ...NIGHTLY, at: "12:00" }) }),
        ...options.more,
      },
    });
  });
}

const base = made();

function row(name: string, head: Options, firstLine: RegExp, isDanger = false): Change {
  return {
    name,
    base,
    head: made(head),
    firstLine,
    exitCode: isDanger ? 3 : 2,
    failsOn: isDanger ? ["backup-loss"] : [],
  };
}

const LESS = /app is backed up less than before/;

/** How data is backed up, and was better. */
export const rows: readonly Change[] = [
  row(
    "nothing is backed up",
    { nothing: true },
    /volume app_data, volume app_queue_jobs, volume app_uploads are NO LONGER BACKED UP/,
    true,
  ),
  row(
    "a part is excluded",
    { nightly: { ...NIGHTLY, exclude: { uploads: "a test" } } },
    /volume app_uploads is NO LONGER BACKED UP/,
    true,
  ),
  row(
    "a part of a companion is excluded",
    { nightly: { ...NIGHTLY, exclude: { "queue.jobs": "a test" } } },
    /volume app_queue_jobs is NO LONGER BACKED UP/,
    true,
  ),
  row("fewer copies are kept", { nightly: { ...NIGHTLY, keep: { daily: 1 } } }, LESS),
  row("no monthly copies are kept", { nightly: { ...NIGHTLY, keep: { monthly: 0 } } }, LESS),
  row("more copies are kept", { nightly: { ...NIGHTLY, keep: { daily: 30 } } }, /^(?!.*(backed up|BACKED UP))/),
  row("what runs before goes", { nightly: { at: "03:00" } }, LESS),
  row("what runs before is another", { nightly: { ...NIGHTLY, before: [["true"]] } }, LESS),
  { ...row("it runs less often", {}, LESS), base: made({ twice: true }) },
  row(
    "what is new is excluded",
    { more: { cache: Volume.at("/cache") }, nightly: { ...NIGHTLY, exclude: { cache: "a test" } } },
    /app\/cache is backed up less than before/,
  ),
  row(
    "what is new of a companion is excluded",
    { companion: { cache: Volume.at("/cache") }, nightly: { ...NIGHTLY, exclude: { "queue.cache": "a test" } } },
    /app\/queue\/cache is backed up less than before/,
  ),
  row("what is new is backed up", { more: { cache: Volume.at("/cache") } }, /^(?!.*(backed up|BACKED UP))/),
];
