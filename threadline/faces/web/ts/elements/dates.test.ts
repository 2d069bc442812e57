import assert from "node:assert/strict";
import { test } from "node:test";

import { daysOf, fieldsOf, moved, said } from "./dates";

const first = daysOf("2026-11-02");
const range = { starts: first, likely: first + 10, sure: first + 15, own: false };

test("moving a bar moves all of it", () => {
  assert.deepEqual(moved(range, "all", 3), { starts: first + 3, likely: first + 13, sure: first + 18, own: false });
  assert.equal(moved({ ...range, starts: null }, "all", 3).starts, null);
});

test("ends stay in order", () => {
  assert.equal(moved(range, "starts", 40).starts, first + 10);
  assert.equal(moved(range, "likely", -40).likely, first);
  assert.equal(moved(range, "sure", -40).sure, first + 10);
  assert.equal(moved({ ...range, own: true }, "likely", 9).sure, first + 19);
});

test("sure follows likely unless somebody said it", () => {
  assert.equal(moved(range, "likely", 2).sure, first + 17);
  assert.equal(moved({ ...range, own: true }, "likely", 2).sure, first + 15);
});

test("only a day that somebody said is sent as sure", () => {
  assert.deepEqual(fieldsOf(range, false), { starts_on: "2026-11-02", due_on: "2026-11-12" });
  assert.equal(fieldsOf(moved(range, "sure", 1), false)["late_on"], "2026-11-18");
  assert.equal(fieldsOf(moved(range, "sure", 1), true)["late_on"], undefined);
});

test("a range is said as people say it", () => {
  assert.equal(said(range), "2 Nov 2026 to 12 Nov 2026, sure by 17 Nov 2026");
});
