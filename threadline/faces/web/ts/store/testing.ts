// A list without a server, for tests.

import type { ChangeBody, Server, Shape } from "./server";
import type { Boot, Changed, Field, News, Packed, Row } from "./types";

const FIELDS: Field[] = [
  { name: "title", label: "Title", kind: "text", compare: "text", role: "title", required: true, edit: true },
  { name: "state", label: "State", kind: "choice", compare: "text", group: true, choices: [["idea", "Idea"], ["planned", "Planned"], ["shipped", "Shipped"]] },
  { name: "owner", label: "Owner", kind: "person", compare: "id", edit: true, group: true },
  { name: "effort", label: "Effort", kind: "number", compare: "number", unit: "months", edit: true, sum: true },
  { name: "due", label: "Due", kind: "date", compare: "date", edit: true },
  { name: "body", label: "Body", kind: "markdown", compare: "text" },
];

export const BOOT: Boot = {
  kind: "feature", label: "Feature", plural: "Features", prefix: "F", base: "/w/north/features/", home: "/w/north/", slug: "north",
  me: { id: "p1", name: "Ada Lind" }, currency: "EUR", version: "1.owner", binary: true, token: "t", query: "", asked: "", layout: "table", view: { id: "", query: "", columns: ["title", "state", "owner", "effort", "due"], layout: "table" }, sort: "-effort",
  columns: ["title", "state", "owner", "effort", "due"], fields: FIELDS,
  states: [{ name: "idea", label: "Idea", tone: "", final: false }, { name: "planned", label: "Planned", tone: "info", final: false }, { name: "shipped", label: "Shipped", tone: "ok", final: true }],
  verbs: [], people: [{ id: "p1", name: "Ada Lind", handle: "ada" }, { id: "p2", name: "Bo Ek", handle: "bo" }], products: [], may: { update: true },
};

export const row = (n: number, more: Partial<Row> = {}): Row => ({ n, v: 1, title: `Feature ${n}`, state: "idea", owner: null, effort: null, due: null, ...more });

export const pack = (rows: Row[], cursor = "1"): Packed => ({
  n: rows.map((one) => one.n),
  v: rows.map((one) => one.v),
  c: Object.fromEntries(BOOT.columns.map((name) => [name, rows.map((one) => one[name] ?? null)])),
  cursor,
});

// Answers from rows that a test holds; `sent` is what was asked of it.
export class Fake implements Server {
  sent: ChangeBody[] = [];
  newsToTell: News[] = [];
  answerOrder: number[] = [];
  fail: Error | null = null;
  answer: ((body: ChangeBody) => Changed) | null = null;
  windows: number[] = [];

  constructor(public held: Row[]) {}

  rows = (): Promise<Packed | null> => Promise.resolve(pack(this.held));
  some = (_: string[], numbers: number[]): Promise<Packed> => Promise.resolve(pack(this.held.filter((one) => numbers.includes(one.n))));
  window = (_: string[], __: string, from: number): Promise<Packed> => {
    this.windows.push(from);
    return Promise.resolve(pack(this.held.slice(from, from + 200)));
  };
  order = (): Promise<number[]> => Promise.resolve(this.answerOrder);
  shape = (): Promise<Shape> => Promise.resolve({ count: this.held.length, groups: null });
  news = (): Promise<News> => Promise.resolve(this.newsToTell.shift() ?? { cursor: "9", reset: false, beside: false });
  change = (body: ChangeBody): Promise<Changed> => {
    this.sent.push(structuredClone(body));
    if (this.fail) return Promise.reject(this.fail);
    return Promise.resolve(this.answer ? this.answer(body) : this.accept(body));
  };

  accept(body: ChangeBody): Changed {
    const numbers = (body.edits ?? []).map((edit) => edit.n);
    for (const edit of body.edits ?? []) {
      const held = this.held.find((one) => one.n === edit.n);
      if (held) Object.assign(held, edit.set, { v: held.v + 1 });
    }
    return { ...pack(this.held.filter((one) => numbers.includes(one.n))), batch: "b1", done: numbers, refused: [] };
  }
}

export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
