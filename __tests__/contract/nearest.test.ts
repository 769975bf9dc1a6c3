import { nearest } from "../../contract/nearest";

const KEYS = ["paperless/media", "paperless/data", "wiki/media", "immich/upload"];

test.each([
  ["papreless/media", ["paperless/media", "paperless/data"]], // two letters exchanged
  ["paperles/media", ["paperless/media"]], // a letter too few
  ["wiki/medias", ["wiki/media"]], // a letter too many
  ["wiki/mediq", ["wiki/media"]], // another letter
  ["vault/data", []], // nothing is near
  ["", []],
])("of %s the nearest are named first, and none that is far", (word, near) => {
  expect(nearest(word, KEYS)).toEqual(near);
});

test("names three at most, each once, those as near by their letters", () => {
  expect(nearest("key0", ["key4", "key3", "key2", "key1", "key1"])).toEqual(["key1", "key2", "key3"]);
});
