import assert from "node:assert/strict";
import { test } from "node:test";
import { occurrences, pointsBefore, sentences, unitsOf } from "./places";

test("a character outside the basic plane counts once and is never split", () => {
  const text = "a🙂b👩‍👩‍👧c";
  for (let points = 0; points <= [...text].length; points++) {
    assert.equal(pointsBefore(text, unitsOf(text, points)), points);
  }
  assert.equal(unitsOf(text, 2), 3);
});

test("sentences leave the space between them out", () => {
  const text = "I fell asleep.  Then the boat left! ";
  assert.deepEqual(sentences(text).map(([a, b]) => text.slice(a, b)), ["I fell asleep.", "Then the boat left!"]);
});

test("words are found without regard to case, and nothing is found for nothing", () => {
  assert.deepEqual(occurrences("Boat, boat, BOAT", "boat"), [[0, 4], [6, 10], [12, 16]]);
  assert.deepEqual(occurrences("boat", ""), []);
});
