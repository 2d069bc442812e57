// The rows of one list in the browser: all of them, or, above 20,000, windows of the server's
// answer. Whoever draws reads `view`; it is made anew once for each change.

import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals-core";
import { keep, kept } from "./cache";
import { byCode, grouped, Orders, type Group } from "./order";
import { parse, sieve, sieveOf, type Query } from "./query";
import type { Server } from "./server";
import { unpack, type Boot, type Changed, type Field, type News, type Packed, type Row, type Value } from "./types";
import { listed, viewOf, type View } from "./view";
import type { Windows } from "./windows";
import { said } from "./words";
import { Writes } from "./writes";

const ALWAYS = ["title", "state", "owner"];
const EMPTY: Query = { terms: [], words: [], sort: [], group: "" };
const JUDGED_MOST = 30;

const whenIdle: (run: () => void) => unknown = typeof requestIdleCallback === "function" ? (run) => requestIdleCallback(() => run()) : (run) => setTimeout(run, 200);

export class Store {
  readonly rows = new Map<number, Row>();
  readonly text: Signal<string>;
  readonly columns: Signal<string[]>;
  readonly folded: Signal<ReadonlySet<string>> = signal(new Set<string>());
  readonly ready = signal(false);
  readonly stale = signal(false); // not in touch with the server
  readonly changedBy: Signal<ReadonlyMap<number, string>> = signal(new Map<number, string>());
  readonly windowed = signal(false);
  readonly revision = signal(0);
  readonly writes: Writes;
  windows: Windows | undefined; // fetched with the first list that is too long to keep
  readonly view: ReadonlySignal<View>;
  readonly query: ReadonlySignal<{ query: Query; error: string }>;
  cursor = "";
  looking: () => number[] = () => []; // the rows in sight, as whoever draws them knows

  private loaded = new Set<string>();
  private loading: Promise<void> | undefined;
  private judged = new Map<string, Set<number>>();
  private asking = new Set<string>();
  private asked = 0;
  private hearing = false;
  private again = false;
  private etag = "";
  private kept: { sign: string; rows: Row[] } | undefined;
  private readonly fields: Map<string, Field>;
  private lastGood: Query = EMPTY;
  private readonly orders: Orders;

  constructor(
    readonly boot: Boot,
    readonly server: Server,
    private readonly clock: () => number = Date.now,
  ) {
    this.fields = new Map(boot.fields.map((one) => [one.name, one]));
    this.text = signal(boot.query);
    this.columns = signal(boot.columns);
    const collator = new Intl.Collator("en");
    this.orders = new Orders(boot, boot.binary ? byCode : (a, b) => collator.compare(a, b));
    this.writes = new Writes(server, {
      row: (n) => this.rows.get(n),
      columns: () => [...this.wanted()],
      take: (changed) => this.take(changed),
      touched: () => this.touch(),
    });
    this.query = computed(() => {
      try {
        this.lastGood = parse(this.text.value);
        return { query: this.lastGood, error: "" };
      } catch (error) {
        return { query: this.lastGood, error: (error as Error).message };
      }
    });
    this.view = computed(() => this.made());
  }

  field(name: string): Field | undefined {
    return this.fields.get(name);
  }

  label(value: Value, name: string): string {
    if (name === "state") return this.boot.states.find((one) => one.name === value)?.label ?? String(value ?? "");
    return said(value, this.field(name), this.boot) || "None";
  }

  touch(): void {
    this.revision.value += 1;
  }

  // The columns that rows here must carry: shown ones, and what the query is about.
  wanted(): Set<string> {
    const { query } = this.query.peek();
    const names = [...ALWAYS, ...this.columns.peek(), ...query.terms.map((one) => one.field), ...sortOf(query, this.boot).map(([name]) => name), query.group, query.bands ?? ""];
    return new Set([...this.loaded, ...names].filter((name) => this.fields.has(name)));
  }

  // Rows from the last visit first, then what has happened since; all of them where there are none.
  async start(): Promise<void> {
    const wanted = [...this.wanted()];
    const before = await kept(this.key(), this.boot.version, wanted);
    if (before !== undefined) {
      this.loaded = new Set(before.columns);
      this.cursor = before.packed.cursor;
      this.etag = before.packed.etag ?? "";
      this.replace(unpack(before.packed));
      this.ready.value = true;
      this.prepare();
      await this.hear();
    } else {
      await this.load(wanted);
      this.ready.value = true;
      this.prepare();
    }
  }

  private key(): string {
    return `${this.boot.slug}|${this.boot.me.id}|${this.boot.kind}`;
  }

  async load(columns: string[]): Promise<void> {
    const packed = await this.server.rows(columns, "");
    if (packed === null) return;
    this.cursor = packed.cursor;
    this.loaded = new Set(columns);
    if (packed.too_many) {
      const { Windows } = await import("./windows");
      this.windows ??= new Windows(this, this.server);
      this.windowed.value = true;
      this.rows.clear();
      await this.windows.reset();
      return;
    }
    this.windowed.value = false;
    this.etag = packed.etag ?? "";
    this.replace(unpack(packed));
    this.save(packed, columns);
  }

  private save(packed: Packed, columns: string[]): void {
    whenIdle(() => void keep(this.key(), { version: this.boot.version, columns, packed, at: this.clock() }));
  }

  // Ask for columns that are not here yet, one request at a time.
  private need(): void {
    if (this.loading !== undefined) return;
    const wanted = [...this.wanted()];
    this.loading = (this.windows && this.windowed.peek() ? this.windows.reset() : this.load(wanted))
      .then(() => {
        for (const name of wanted) this.loaded.add(name);
      })
      .catch(() => void (this.stale.value = true))
      .finally(() => {
        this.loading = undefined;
        this.touch();
      });
  }

  has(name: string): boolean {
    return this.loaded.has(name);
  }

  private replace(rows: Row[]): void {
    this.rows.clear();
    this.judged.clear();
    for (const row of rows) {
      this.rows.set(row.n, row);
      this.writes.overlay(row);
    }
    this.touch();
  }

  private take(changed: Changed): void {
    if (changed.n === undefined) return;
    this.put(unpack(changed));
    const here = new Set(changed.n);
    for (const n of changed.done) if (!here.has(n)) this.drop(n);
  }

  put(rows: Row[]): void {
    this.writes.remember(rows);
    for (const row of rows) {
      if (this.windowed.peek() && !this.rows.has(row.n)) continue;
      const old = this.rows.get(row.n);
      if (old === undefined) this.rows.set(row.n, row);
      else Object.assign(old, row);
      this.writes.overlay(this.rows.get(row.n) as Row);
    }
    this.judged.clear();
  }

  private drop(n: number): void {
    this.rows.delete(n);
    this.windows?.drop(n);
  }

  // ---- news ----

  async hear(): Promise<void> {
    if (this.cursor === "" || (this.loaded.size === 0 && !this.windowed.peek())) return; // nothing is here yet that could be old
    if (this.hearing) {
      this.again = true;
      return;
    }
    this.hearing = true;
    try {
      const news = await this.server.news([...this.wanted()], this.cursor);
      this.stale.value = false;
      await this.digest(news);
      this.writes.wake();
    } catch {
      this.stale.value = true;
    } finally {
      this.hearing = false;
      if (this.again) {
        this.again = false;
        void this.hear();
      }
    }
  }

  private async digest(news: News): Promise<void> {
    if (news.reset) {
      await this.load([...this.wanted()]);
      return;
    }
    this.cursor = news.cursor;
    if (news.beside) await this.computeAnew();
    if (news.n === undefined && news.reach === undefined && !news.beside) return;
    const told = { n: news.n ?? [], v: news.v ?? [], c: news.c ?? {} };
    const before = new Map(told.n.map((n) => [n, this.rows.get(n)?.v ?? 0]));
    const rows = unpack(told);
    batch(() => {
      this.put(rows);
      if (news.reach) this.keepWithin(news.reach);
      const by = new Map(Object.entries(news.by ?? {}).map(([n, who]) => [Number(n), who]));
      for (const row of rows) if (row.v === before.get(row.n)) by.delete(row.n);
      if (by.size > 0) this.changedBy.value = by;
      this.touch();
    });
    if (this.windowed.peek()) await this.windows?.refresh();
    else if (told.n.length > 0) this.save({ ...this.packed(), cursor: news.cursor }, [...this.loaded]);
  }

  // Computed columns are drawn from other records, some of which have changed: what is in sight is read again.
  private async computeAnew(): Promise<void> {
    const numbers = this.looking().slice(0, 200);
    if (numbers.length === 0 || !this.boot.fields.some((one) => one.computed && this.loaded.has(one.name))) return;
    const packed = await this.server.some([...this.loaded], numbers);
    this.put(unpack(packed));
    this.touch();
  }

  // Rows out of reach are gone as if they had never been here.
  private keepWithin(runs: [number, number][]): void {
    const within = (n: number): boolean => runs.some(([first, last]) => n >= first && n <= last);
    for (const n of [...this.rows.keys()]) if (!within(n)) this.drop(n);
  }

  private packed(): Packed {
    const rows = [...this.rows.values()].sort((a, b) => a.n - b.n);
    const names = [...this.loaded, "unsourced"];
    return {
      n: rows.map((row) => row.n),
      v: rows.map((row) => row.v),
      c: Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)])),
      cursor: this.cursor,
      etag: this.etag,
    };
  }

  // ---- what is shown ----

  private made(): View {
    void this.revision.value;
    const { query, error } = this.query.value;
    const folded = this.folded.value;
    if (this.windowed.value && this.windows) return this.windows.view(query, folded, error);
    const names = [...this.columns.value, ...sortOf(query, this.boot).map(([name]) => name), query.group, ...query.terms.map((one) => one.field)];
    if (names.some((name) => this.fields.has(name) && !this.loaded.has(name)) && this.ready.peek()) this.need();
    const found = sieve(query, { field: (n) => this.field(n), has: (n) => this.loaded.has(n), people: this.boot.people, me: this.boot.me.id, prefix: this.boot.prefix, now: this.clock() });
    const judged = found.exact ? undefined : this.judge(query);
    const sort = sortOf(query, this.boot);
    const all = this.inOrder(sort);
    const inOrder = judged ? all.filter((row) => judged.has(row.n)) : all.filter(found.test);
    const groups = this.groupsOf(inOrder, query.group);
    return viewOf(listed(inOrder), groups, folded, found.exact || judged !== undefined, error);
  }

  // All rows in order, kept until a row or the order changes: a letter in the filter only sifts them.
  private inOrder(sort: [string, boolean][]): Row[] {
    const known = sort.filter(([name]) => name === "key" || this.loaded.has(name));
    const sign = `${this.revision.peek()} ${JSON.stringify(known)}`;
    if (this.kept?.sign !== sign) this.kept = { sign, rows: this.orders.ordered([...this.rows.values()], known) };
    return this.kept.rows;
  }

  // While nobody waits: what sorting by a column that is shown will need.
  private prepare(): void {
    const names = this.windowed.peek() ? [] : this.columns.peek().filter((name) => this.loaded.has(name));
    const next = (): void => {
      const name = names.shift();
      if (name === undefined) return;
      this.orders.ranked([...this.rows.values()], name);
      whenIdle(next);
    };
    whenIdle(next);
  }

  private groupsOf(rows: Row[], name: string): Group[] {
    return name === "" || !this.loaded.has(name) ? [] : grouped(rows, name, this.boot, (value) => this.label(value, name));
  }

  // What the server says of a query that rows here cannot answer; undefined until it has spoken.
  private judge(query: Query): Set<number> | undefined {
    const sign = sieveOf(query);
    const found = this.judged.get(sign);
    if (found === undefined && !this.asking.has(sign)) {
      this.asking.add(sign);
      const turn = (this.asked += 1);
      const text = this.text.peek();
      setTimeout(() => void this.ask(sign, text, turn), 60);
    }
    return found;
  }

  private async ask(sign: string, text: string, turn: number): Promise<void> {
    try {
      if (turn !== this.asked) return; // another letter has been typed since
      const numbers = await this.server.order(text);
      if (this.judged.size > JUDGED_MOST) this.judged.clear();
      this.judged.set(sign, new Set(numbers));
      this.touch();
    } catch {
      this.stale.value = true;
    } finally {
      this.asking.delete(sign);
    }
  }
}

// The sort of a query: the group first, then what it asks for, else as the type is sorted.
export function sortOf(query: Query, boot: Pick<Boot, "sort">): [string, boolean][] {
  const short: Record<string, string> = { created: "created_at", updated: "updated_at", id: "key" };
  const given: [string, boolean][] = query.sort.length > 0 ? query.sort : boot.sort.split(",").map((one) => [one.replace(/^-/, ""), one.startsWith("-")]);
  const named = given.map(([name, down]): [string, boolean] => [short[name] ?? name, down]);
  const groups = [query.group, query.bands ?? ""].filter(Boolean);
  return [...groups.map((name): [string, boolean] => [name, false]), ...named.filter(([name]) => !groups.includes(name))];
}
