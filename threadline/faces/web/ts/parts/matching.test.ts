import assert from "node:assert/strict";
import test from "node:test";
import { best, score } from "./matching";

test("the beginning of a name counts more than the beginning of a word, and that more than initials", () => {
  const marks = ["feat", "map", "nf"].map((query, index) => score(["Features", "Road map", "New feature"][index] ?? "", query));
  assert.deepEqual([...marks].sort((a, b) => b - a), marks);
  assert.ok(marks.every((mark) => mark > 0));
});

test("letters in the wrong order match nothing", () => {
  assert.equal(score("Features", "xf"), 0);
  assert.equal(score("Settings", "gs"), 0);
});

test("where something stands finds it too, after what is called so", () => {
  const found = best([{ label: "Tags", sub: "Settings" }, { label: "Settings" }], "sett", 5);
  assert.deepEqual(found.map((one) => one.label), ["Settings", "Tags"]);
});
