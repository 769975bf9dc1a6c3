import { closeTogether, rotationNote } from "../plan/rotations";

const rotations = [{ server: "postgres-main", users: ["app-01", "app-02"], services: ["docs", "wiki"] }];

test("a server with a new password comes right before the first host that gets it", () => {
  const needs: Record<string, string[]> = { "app-01": ["postgres-main", "postgres-other"], media: ["postgres-other"] };

  expect(
    closeTogether(
      ["postgres-main", "postgres-other", "media", "app-01", "edge"],
      rotations,
      (stack) => needs[stack] ?? [],
    ),
  ).toEqual(["postgres-other", "media", "postgres-main", "app-01", "edge"]);
});

test.each<[string, string[], Record<string, string[]>]>([
  ["another stack needs it first", ["postgres-main", "media", "app-01"], { media: ["postgres-main"] }],
  ["it comes last anyhow", ["app-01", "postgres-main"], {}],
  ["no host is deployed", ["postgres-main", "edge"], {}],
])("its place stays where %s", (_why, order, needs) => {
  expect(closeTogether(order, rotations, (stack) => needs[stack] ?? [])).toEqual(order);
});

test("only the server's deployment says what fails meanwhile", () => {
  expect(rotationNote("postgres-main", rotations)).toBe(
    "; new passwords: open connections of docs, wiki stay, and new ones fail from here until app-01, app-02 is deployed as well, so deploy that right after this",
  );
  expect(rotationNote("app-01", rotations)).toBe("");
});
