import assert from "node:assert/strict";
import test from "node:test";
import { parse, QueryError, sieve, withPart, type Known } from "./query";
import { BOOT, row } from "./testing";
import type { Row } from "./types";

const NOW = Date.UTC(2026, 10, 27);
const known: Known = {
  field: (name) => BOOT.fields.find((one) => one.name === name),
  has: (name) => name !== "body",
  people: BOOT.people,
  me: "p1",
  prefix: "F",
  now: NOW,
};
const rows: Row[] = [
  row(1, { owner: { id: "p1", name: "Ada Lind" }, effort: 3, due: "2026-11-20", title: "Slow export" }),
  row(2, { state: "planned", owner: { id: "p2", name: "Bo Ek" }, effort: 5, due: "2026-12-24" }),
  row(3, { state: "shipped", effort: 0, tags: ["later"] }),
];
const found = (text: string): number[] => rows.filter(sieve(parse(text), known).test).map((one) => one.n);

test("terms are read as the server reads them", () => {
  assert.deepEqual(parse('state:planned,candidate demand>5 -tag:later "lost raid" sort:-score,title group:objective'), {
    terms: [
      { field: "state", op: ":", values: ["planned", "candidate"], denied: false },
      { field: "demand", op: ">", values: ["5"], denied: false },
      { field: "tag", op: ":", values: ["later"], denied: true },
    ],
    words: [{ text: "lost raid", denied: false }],
    sort: [["score", true], ["title", false]],
    group: "objective",
  });
  assert.throws(() => parse('"open'), QueryError);
  assert.throws(() => parse("state:"), QueryError);
});

test("rows pass the sieve that the server would let pass", () => {
  assert.deepEqual(found("state:planned,Shipped"), [2, 3]);
  assert.deepEqual(found("-state:idea"), [2, 3]);
  assert.deepEqual(found("owner:me"), [1]);
  assert.deepEqual(found("owner:@bo"), [2]);
  assert.deepEqual(found("owner:none"), [3]);
  assert.deepEqual(found("effort>=3 effort<5"), [1]);
  assert.deepEqual(found("due<2026-12-01"), [1]);
  assert.deepEqual(found("due>7d"), []);
  assert.deepEqual(found("due<8d"), [1, 2]);
  assert.deepEqual(found("tag:later"), [3]);
  assert.deepEqual(found("key:F-2"), [2]);
  assert.deepEqual(found("title:export"), [1]);
});

test("what rows here cannot tell is left to the server", () => {
  assert.equal(sieve(parse("state:idea"), known).exact, true);
  for (const text of ["export", "body:lost", "objective:O-1", "owner:somebody@else.example", "suspect:yes"]) {
    assert.equal(sieve(parse(text), known).exact, false, text);
  }
  assert.deepEqual(found("suspect:yes"), [1, 2, 3]);
});

test("one part of the text changes and the rest stays as written", () => {
  assert.equal(withPart('state:idea "sort:by" sort:title', "sort", "-effort"), 'state:idea "sort:by" sort:-effort');
  assert.equal(withPart("group:state owner:me", "group", ""), "owner:me");
});
