import assert from "node:assert/strict";
import test from "node:test";
import { byCode, ordered, Orders } from "./order";
import { BOOT } from "./testing";
import type { Boot, Row } from "./types";

const FIELDS = [
  { name: "title", label: "Title", kind: "text" },
  { name: "effort", label: "Effort", kind: "number" },
  { name: "due", label: "Due", kind: "date" },
];
const boot: Boot = { ...BOOT, fields: FIELDS };
const rows = (...given: [number, string | null, number | null][]): Row[] => given.map(([n, title, effort]) => ({ n, v: 1, title, effort }));
const numbers = (found: Row[]): number[] => found.map((one) => one.n);

test("blanks are last both ways, and ties go the way of the first key", () => {
  const some = rows([3, "b", null], [1, "a", 2], [2, "a", 7], [4, "", 2]);
  assert.deepEqual(numbers(ordered(some, [["effort", false]], boot)), [1, 4, 2, 3]);
  assert.deepEqual(numbers(ordered(some, [["effort", true]], boot)), [2, 4, 1, 3]);
  assert.deepEqual(numbers(ordered(some, [["title", false], ["effort", true]], boot)), [2, 1, 3, 4]);
  assert.deepEqual(numbers(ordered(some, [["title", true]], boot)), [3, 2, 1, 4]);
});

test("numbers go by size, below zero too, and texts by their letters", () => {
  const some = rows([1, "10", 10], [2, "9", 9], [3, "-1", -1.5]);
  assert.deepEqual(numbers(ordered(some, [["effort", false]], boot)), [3, 2, 1]);
  assert.deepEqual(numbers(ordered(some, [["title", false]], boot)), [3, 1, 2]);
});

test("texts that compare as equal are ties", () => {
  const blind = (a: string, b: string): number => byCode(a.toLowerCase(), b.toLowerCase());
  const some = rows([2, "Raid", 1], [1, "raid", 2], [3, "bank", 3]);
  assert.deepEqual(numbers(ordered(some, [["title", false]], boot, blind)), [3, 1, 2]);
});

test("a changed value changes its place, though the order of a column is remembered", () => {
  const orders = new Orders(boot, byCode);
  const some = rows([1, "a", 1], [2, "b", 2], [3, "c", 3]);
  assert.deepEqual(numbers(orders.ordered(some, [["effort", true]])), [3, 2, 1]);
  (some[0] as Row)["effort"] = 9;
  assert.deepEqual(numbers(orders.ordered(some, [["effort", true]])), [1, 3, 2]);
  assert.deepEqual(numbers(orders.ordered(some.slice(1), [["effort", true]])), [3, 2]);
  assert.deepEqual(numbers(orders.ordered([], [["effort", true]])), []);
});

test("more keys than a number can hold are still all heard", () => {
  const size = 6_000;
  const some: Row[] = Array.from({ length: size }, (_, at) => ({ n: at + 1, v: 1, title: `t${at % 3}`, effort: (at * 7) % size, due: `d${(at * 11) % size}`, state: null }));
  const sort: [string, boolean][] = [["title", false], ["due", true], ["effort", false], ["key", false]];
  const expected = [...some].sort((a, b) => byCode(String(a["title"]), String(b["title"])) || byCode(String(b["due"]), String(a["due"])) || a.n - b.n);
  assert.deepEqual(numbers(ordered(some, sort, boot)), numbers(expected));
});
