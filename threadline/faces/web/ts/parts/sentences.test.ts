import assert from "node:assert/strict";
import test from "node:test";
import { sentences, turned } from "./sentences";

const words = (text: string) => sentences(text).map(([from, to]) => text.slice(from, to));

test("a text falls into its sentences, each word for word", () => {
  assert.deepEqual(words("It is slow. Why? I left…  and came back"), ["It is slow.", "Why?", "I left…", "and came back"]);
});

test("a line ends a sentence, and blank lines are none", () => {
  assert.deepEqual(words("One\n\n  Two.\nThree"), ["One", "Two.", "Three"]);
});

test("a point inside a number or a name ends nothing", () => {
  assert.deepEqual(words("Version 2.5 broke app.js for us."), ["Version 2.5 broke app.js for us."]);
});

test("picking goes around, by way of the whole", () => {
  assert.deepEqual([turned(2, -1, 1), turned(2, 0, 1), turned(2, 1, 1), turned(2, -1, -1)], [0, 1, -1, 1]);
  assert.equal(turned(0, -1, 1), -1);
});
