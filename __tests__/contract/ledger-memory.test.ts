import type { LedgerEntry, LedgerLines, LedgerSecret } from "../../contract/ledger-entry";
import { forgotten } from "../../contract/ledger-memory";

const media: LedgerEntry = { kind: "volume", host: "app-01", address: "docker_volume.wiki_media", name: "wiki_media" };
const lines = (holders: Record<string, LedgerEntry>, secrets: Record<string, LedgerSecret> = {}): LedgerLines => ({
  holders: new Map(Object.entries(holders)),
  secrets: new Map(Object.entries(secrets)),
});
const lost = (before: Record<string, LedgerEntry>, now: Record<string, LedgerEntry>): string[] =>
  forgotten(lines(before), lines(now));

test("a ledger that gains entries, renames, moves and retires has forgotten nothing", () => {
  const other = { ...media, address: "docker_volume.docs_media", name: "docs_media" };
  const moved = { ...other, host: "app-02", previous: [{ ...other, kind: undefined }] } as unknown as LedgerEntry;

  expect(lost({ "wiki/media": media }, { "wiki/media": media, "docs/media": other })).toEqual([]);
  expect(lost({ "wiki/media": media }, { "docs/media": { ...media, formerKeys: ["wiki/media"] } })).toEqual([]);
  expect(
    lost(
      { "a/data": media, "b/data": other },
      { "a/data": { ...other, formerKeys: ["b/data"] }, "b/data": { ...media, formerKeys: ["a/data"] } },
    ),
  ).toEqual([]);
  expect(lost({ "docs/media": other }, { "docs/media": moved })).toEqual([]);
  expect(lost({ "wiki/media": media }, { "wiki/media": { ...media, retired: true } })).toEqual([]);
});

test("what was retired by then may be gone", () => {
  expect(lost({ "wiki/media": { ...media, retired: true } }, {})).toEqual([]);
});

test.each<[string, LedgerEntry, Record<string, LedgerEntry>, string]>([
  [
    "an entry",
    media,
    {},
    '"wiki/media" is gone, volume "wiki_media" on app-01: put its line back, or retire it with "homelab retire"',
  ],
  [
    "an address",
    { ...media, formerAddresses: ["docker_volume.old_media"] },
    { "wiki/media": media },
    '"wiki/media" no longer has its address docker_volume.old_media: put it back into its line',
  ],
  [
    "a former key",
    { ...media, formerKeys: ["old/media"] },
    { "docs/media": { ...media, formerKeys: ["wiki/media"] } },
    '"docs/media", formerly "wiki/media", no longer has its former key "old/media"',
  ],
  [
    "a previous place",
    { ...media, previous: [{ host: "app-02", address: "docker_volume.wiki_media", name: "wiki_media" }] },
    { "wiki/media": media },
    '"wiki/media" no longer has its place, volume "wiki_media" on app-02',
  ],
  [
    "a name, without leaving the old place behind",
    media,
    { "wiki/media": { ...media, name: "other" } },
    '"wiki/media" no longer has its place, volume "wiki_media" on app-01',
  ],
  [
    "the database that a program keeps in it",
    { ...media, database: "wiki" },
    { "wiki/media": media },
    '"wiki/media" no longer has its database "wiki"',
  ],
])("tells that it has forgotten %s", (_what, before, now, sentence) => {
  expect(lost({ "wiki/media": before }, now)).toEqual([expect.stringContaining(sentence)]);
});

test("tells that it has forgotten the name of a secret", () => {
  const secret: LedgerSecret = { kind: "secret", name: "webservices.git.key" };
  const renamed = { "hub/secret:key": { ...secret, formerKeys: ["forge/secret:key"] } };

  expect(forgotten(lines({}, { "forge/secret:key": secret }), lines({}, renamed))).toEqual([]);
  expect(forgotten(lines({}, { "forge/secret:key": secret }), lines({}))).toEqual([
    '"forge/secret:key" is gone, which has the name "webservices.git.key" of a secret: put its line back, or retire it with "homelab retire"',
  ]);
  const retired = { "forge/secret:key": { ...secret, retired: true } } as const;
  expect(forgotten(lines({}, { "forge/secret:key": secret }), lines({}, retired))).toEqual([]);
  expect(forgotten(lines({}, retired), lines({}))).toEqual([]);
});
