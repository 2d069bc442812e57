import assert from "node:assert/strict";
import test from "node:test";
import { isSingle, nameOf, said } from "./keys";
import { range } from "./picking";

const stroke = (key: string, more: object = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("a letter is itself, and says when it was struck with Shift", () => {
  assert.equal(nameOf(stroke("c")), "c");
  assert.equal(nameOf(stroke("X", { shiftKey: true })), "Shift+x");
});

test("a sign is itself, however the keyboard makes it", () => {
  assert.equal(nameOf(stroke("?", { shiftKey: true })), "?");
  assert.equal(nameOf(stroke("[", { altKey: true })), "[");
  assert.equal(nameOf(stroke("/")), "/");
});

test("control and command are one", () => {
  assert.equal(nameOf(stroke("k", { ctrlKey: true })), "Mod+k");
  assert.equal(nameOf(stroke("K", { metaKey: true })), "Mod+k");
  assert.equal(nameOf(stroke("Z", { ctrlKey: true, shiftKey: true })), "Mod+Shift+z");
});

test("keys with names keep them, and modifiers alone are none", () => {
  assert.equal(nameOf(stroke(" ")), "Space");
  assert.equal(nameOf(stroke("ArrowDown", { shiftKey: true })), "Shift+ArrowDown");
  assert.equal(nameOf(stroke("Shift", { shiftKey: true })), null);
});

test("what can be turned off is letters, digits and signs without Control", () => {
  assert.deepEqual(["c", "Shift+x", "?", "g f"].map(isSingle), [true, true, true, true]);
  assert.deepEqual(["Mod+k", "Escape", "Enter", "Space", "ArrowDown"].map(isSingle), [false, false, false, false, false]);
});

test("keys are read as people say them", () => {
  assert.equal(said("Mod+k"), "Ctrl K");
  assert.equal(said("g f"), "G F");
  assert.equal(said("Escape"), "Esc");
});

test("a range runs either way and holds both ends", () => {
  assert.deepEqual(range(2, 4), [2, 3, 4]);
  assert.deepEqual(range(4, 2), [2, 3, 4]);
  assert.deepEqual(range(3, 3), [3]);
});
