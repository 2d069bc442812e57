import assert from "node:assert/strict";
import test from "node:test";
import { wanted } from "./menus";

test("arrows walk round, Home and End lead to the ends", () => {
  const labels = ["Plan", "Start", "Decline"];
  assert.equal(wanted("ArrowDown", 2, labels), 0);
  assert.equal(wanted("ArrowUp", 0, labels), 2);
  assert.equal(wanted("ArrowDown", -1, labels), 0);
  assert.equal(wanted("End", 0, labels), 2);
  assert.equal(wanted("Home", 2, labels), 0);
});

test("a letter leads to the next choice that begins with it, and others lead nowhere", () => {
  const labels = ["Plan", "Start", "Pause"];
  assert.equal(wanted("p", 0, labels), 2);
  assert.equal(wanted("p", 2, labels), 0);
  assert.equal(wanted("x", 0, labels), null);
  assert.equal(wanted("Enter", 0, labels), null);
});
