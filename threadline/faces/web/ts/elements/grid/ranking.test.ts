import assert from "node:assert/strict";
import test from "node:test";
import { between } from "./ranking";

test("a rank between two is the plainest there is", () => {
  assert.equal(between(1, 2), 1.5);
  assert.equal(between(1, 4), 3);
  assert.equal(between(1, 1.5), 1.3);
  assert.equal(between(-2, -1), -1.5);
});

test("at the ends of the list a whole step is taken", () => {
  assert.equal(between(null, null), 1);
  assert.equal(between(null, 3.2), 3);
  assert.equal(between(null, 3), 2);
  assert.equal(between(7.4, null), 8);
});

test("moving to the same place again and again keeps finding room, until there is none", () => {
  let after = 2;
  for (let step = 0; step < 40; step += 1) {
    const found = between(1, after);
    assert.ok(found !== null && found > 1 && found < after);
    after = found;
  }
  assert.equal(between(1, 1 + Number.EPSILON), null);
});
