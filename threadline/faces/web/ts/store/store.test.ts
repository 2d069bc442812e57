import assert from "node:assert/strict";
import test from "node:test";
import { Refusal } from "./server";
import { Store } from "./store";
import { BOOT, Fake, pack, row, settled } from "./testing";
import type { Line } from "./view";

const shown = (store: Store): (number | string)[] => {
  const view = store.view.value;
  return Array.from({ length: view.count }, (_, at) => view.line(at)).map((line: Line) => (line.kind === "row" ? line.row.n : line.kind === "group" ? line.group.label : "hole"));
};

async function begun(rows = [row(1, { effort: 3 }), row(2, { effort: 5, state: "planned" }), row(3)], query = ""): Promise<[Store, Fake]> {
  const server = new Fake(structuredClone(rows));
  const store = new Store({ ...BOOT, query }, server);
  await store.start();
  return [store, server];
}

test("rows come in the order of the type, blanks last", async () => {
  const [store] = await begun();
  assert.deepEqual(shown(store), [2, 1, 3]);
  store.text.value = "sort:effort";
  assert.deepEqual(shown(store), [1, 2, 3]);
});

test("groups have their counts and sums, and fold away", async () => {
  const [store] = await begun(undefined, "group:state");
  assert.deepEqual(shown(store), ["Idea", 1, 3, "Planned", 2]);
  assert.deepEqual(store.view.value.groups.map((one) => [one.count, one.sums["effort"]]), [[2, 3], [1, 5]]);
  store.folded.value = new Set([store.view.value.groups[0]?.key ?? ""]);
  assert.deepEqual(shown(store), ["Idea", "Planned", 2]);
  assert.equal(store.view.value.lineOf(1), -1);
  assert.equal(store.view.value.lineOf(2), 2);
});

test("an edit is seen at once, sent with the version that was read, and kept", async () => {
  const [store, server] = await begun();
  store.writes.add([{ edit: { n: 3, version: 1, set: { effort: "9" } }, shown: { effort: 9 } }], "Changed effort");
  assert.deepEqual(shown(store), [3, 2, 1]);
  await settled();
  assert.deepEqual(server.sent.map((body) => body.edits), [[{ n: 3, version: 1, set: { effort: "9" } }]]);
  assert.equal(store.rows.get(3)?.v, 2);
  assert.deepEqual(store.writes.pending.value, []);
});

test("what the server refuses stays to be seen until it is retried or discarded", async () => {
  const [store, server] = await begun();
  server.answer = (body) => ({ ...pack(server.held.filter((one) => one.n === 1)), batch: "b", done: [], refused: [{ n: body.edits?.[0]?.n ?? 0, why: "invalid", said: "Too large.", problems: [] }] });
  store.writes.add([{ edit: { n: 1, version: 1, set: { effort: "x" } }, shown: { effort: "x" } }], "Changed effort");
  await settled();
  const [one] = store.writes.pending.value;
  assert.equal(one?.standing, "failed");
  assert.equal(one?.said, "Too large.");
  server.answer = null;
  store.writes.retry(one as NonNullable<typeof one>);
  await settled();
  assert.deepEqual(store.writes.pending.value, []);
  assert.equal(store.rows.get(1)?.["effort"], "x");
});

test("somebody else's change of the same field is a conflict to be settled by hand", async () => {
  const [store, server] = await begun();
  const theirs = { ...row(1, { effort: 4 }), v: 2 };
  server.answer = () => ({ ...pack([theirs]), batch: "b", done: [], refused: [{ n: 1, why: "conflict", said: "Somebody changed this.", problems: [] }] });
  store.writes.add([{ edit: { n: 1, version: 1, set: { effort: "8" } }, shown: { effort: 8 } }], "Changed effort");
  await settled();
  const [one] = store.writes.pending.value;
  assert.equal(one?.standing, "conflict");
  assert.deepEqual(one?.theirs, { effort: 4 });
  assert.equal(store.rows.get(1)?.["effort"], 8, "mine stays in sight until it is decided");
  store.writes.discard(one as NonNullable<typeof one>);
  assert.equal(store.rows.get(1)?.["effort"], 4);
});

test("a change of another field meanwhile is no conflict: ours is sent again over it", async () => {
  const [store, server] = await begun();
  let first = true;
  server.held[0] = { ...row(1, { effort: 3, title: "Renamed" }), v: 2 };
  server.answer = (body) => {
    if (!first) return server.accept(body);
    first = false;
    return { ...pack(server.held.slice(0, 1)), batch: "b", done: [], refused: [{ n: 1, why: "conflict", said: "", problems: [] }] };
  };
  store.writes.add([{ edit: { n: 1, version: 1, set: { effort: 8 } }, shown: { effort: 8 } }], "Changed effort");
  await settled();
  assert.deepEqual(server.sent.map((body) => body.edits?.[0]?.version), [1, 2]);
  assert.notEqual(server.sent[0]?.mutation, server.sent[1]?.mutation);
  assert.deepEqual(store.writes.pending.value, []);
  assert.equal(store.rows.get(1)?.["title"], "Renamed");
  assert.equal(store.rows.get(1)?.["effort"], 8);
});

test("without a connection changes wait, and go out word for word when there is one", async () => {
  const [store, server] = await begun();
  server.fail = new TypeError("no network");
  store.writes.add([{ edit: { n: 1, version: 1, set: { effort: 8 } }, shown: { effort: 8 } }], "Changed effort");
  await settled();
  assert.equal(store.writes.offline.value, true);
  assert.equal(store.rows.get(1)?.["effort"], 8);
  server.fail = null;
  store.put([{ ...row(1, { effort: 3 }), v: 5 }]);
  store.writes.wake();
  await settled();
  assert.deepEqual(server.sent[1], server.sent[0]);
  assert.equal(store.writes.offline.value, false);
});

test("a session that has ended is said, not retried for ever", async () => {
  const [store, server] = await begun();
  server.fail = new Refusal(401, "Sign in again.");
  store.writes.add([{ edit: { n: 1, version: 1, set: { effort: 8 } }, shown: { effort: 8 } }], "Changed effort");
  await settled();
  assert.equal(store.writes.pending.value[0]?.said, "Sign in again.");
  assert.equal(store.rows.get(1)?.["effort"], 3);
});

test("many edits are one deed with one batch", async () => {
  const many = Array.from({ length: 450 }, (_, at) => row(at + 1));
  const [store, server] = await begun(many);
  const deeds: number[] = [];
  store.writes.add(many.map((one) => ({ edit: { n: one.n, version: 1, set: { effort: 1 } }, shown: { effort: 1 } })), "Changed", (deed) => deeds.push(deed.count));
  await settled();
  assert.deepEqual(server.sent.map((body) => [body.edits?.length, body.batch]), [[200, undefined], [200, "b1"], [50, "b1"]]);
  assert.deepEqual(deeds, [450]);
});

test("news change rows in place, and rows out of reach are gone", async () => {
  const [store, server] = await begun();
  const moved = { ...row(1, { effort: 7 }), v: 2 };
  server.newsToTell = [{ ...pack([moved]), cursor: "2", reset: false, beside: false, by: { "1": "Bo Ek" }, reach: [[1, 2]] }];
  await store.hear();
  assert.deepEqual(shown(store), [1, 2]);
  assert.equal(store.changedBy.value.get(1), "Bo Ek");
  assert.equal(store.cursor, "2");
});

test("words are looked for in titles at once, and the server then has the last word", async () => {
  const [store, server] = await begun([row(1, { title: "Slow export" }), row(2, { title: "Raid" }), row(3, { title: "Export again" })]);
  server.answerOrder = [2, 3];
  store.text.value = "export";
  assert.deepEqual(new Set(shown(store)), new Set([1, 3]));
  assert.equal(store.view.value.sure, false);
  await new Promise((resolve) => setTimeout(resolve, 90));
  assert.deepEqual(new Set(shown(store)), new Set([2, 3]));
  assert.equal(store.view.value.sure, true);
});

test("a long list is read in windows, and holes are asked for when they come into sight", async () => {
  const many = Array.from({ length: 1_000 }, (_, at) => row(at + 1));
  const server = new Fake(many);
  server.rows = () => Promise.resolve({ n: [], v: [], c: {}, cursor: "1", too_many: true });
  const store = new Store({ ...BOOT }, server);
  await store.start();
  assert.equal(store.view.value.count, 1_000);
  assert.equal(store.view.value.line(0).kind, "row");
  assert.equal(store.view.value.line(650).kind, "hole");
  await new Promise((resolve) => setTimeout(resolve, 110));
  const line = store.view.value.line(650);
  assert.equal(line.kind === "row" && line.row.n, 651);
  assert.deepEqual(server.windows, [0, 600]);
});

test("what is computed from other records is read again for the rows in sight", async () => {
  const server = new Fake([row(1), row(2)]);
  const computed = { name: "demand", label: "Demand", kind: "number", compare: "number", computed: true };
  const store = new Store({ ...BOOT, fields: [...BOOT.fields, computed], columns: [...BOOT.columns, "demand"] }, server);
  await store.start();
  const asked: number[][] = [];
  server.some = (_, numbers) => {
    asked.push(numbers);
    return Promise.resolve({ ...pack([row(2)]), c: { demand: [7] } });
  };
  store.looking = () => [2];
  server.newsToTell = [{ cursor: "2", reset: false, beside: true }];
  await store.hear();
  assert.deepEqual(asked, [[2]]);
  assert.equal(store.rows.get(2)?.["demand"], 7);
});
