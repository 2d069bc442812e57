// Lists that are too long to keep: the server counts and orders, and gives rows in chunks as
// they come into sight. The same view as of rows that are all here, with holes.

import { signal } from "@preact/signals-core";
import type { Group } from "./order";
import type { Query } from "./query";
import type { Server, Shape } from "./server";
import { unpack, type Boot, type Row, type Value } from "./types";
import { viewOf, type Rows, type View } from "./view";

export const CHUNK = 200;
const CHUNKS = 60; // kept at a time; older ones are asked for again
const PATIENCE = 80; // milliseconds that a place must stay in sight before it is asked for

interface Owner {
  boot: Boot;
  rows: Map<number, Row>;
  text: { peek(): string };
  columns: { peek(): string[] };
  wanted(): Set<string>;
  label(value: Value, name: string): string;
  touch(): void;
}

export class Windows {
  private chunks = new Map<number, number[]>();
  private asking = new Set<number>();
  private seen: number[] = [];
  private sight: [number, number] = [0, 0];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private shape: Shape = { count: 0, groups: null };
  private of = "\0"; // the query that the chunks answer
  private asked = "";
  readonly waiting = signal(false);

  constructor(
    private readonly owner: Owner,
    private readonly server: Server,
  ) {}

  async reset(): Promise<void> {
    const text = this.owner.text.peek();
    this.asked = text;
    this.waiting.value = true;
    try {
      const shape = await this.server.shape([...this.owner.wanted()], text);
      if (this.asked !== text) return;
      const first = await this.server.window([...this.owner.wanted()], text, 0);
      if (this.asked !== text) return;
      this.chunks.clear();
      this.owner.rows.clear();
      this.shape = shape;
      this.of = text;
      this.keep(0, unpack(first));
      this.owner.touch();
    } finally {
      this.waiting.value = false;
    }
  }

  // Something changed: what is in sight is read anew; what is not, when it comes into sight.
  async refresh(): Promise<void> {
    const text = this.of;
    const [first, last] = this.sight;
    const shape = await this.server.shape([...this.owner.wanted()], text);
    const wanted = [...new Set([Math.floor(first / CHUNK), Math.floor(last / CHUNK)])];
    const fresh = await Promise.all(wanted.map((chunk) => this.server.window([...this.owner.wanted()], text, chunk * CHUNK)));
    if (this.of !== text) return;
    this.shape = shape;
    this.chunks.clear();
    fresh.forEach((packed, at) => this.keep(wanted[at] as number, unpack(packed)));
    this.owner.touch();
  }

  drop(n: number): void {
    for (const numbers of this.chunks.values()) {
      const at = numbers.indexOf(n);
      if (at >= 0) {
        numbers.splice(at, 1);
        this.shape = { ...this.shape, count: this.shape.count - 1 };
      }
    }
  }

  view(query: Query, folded: ReadonlySet<string>, error: string): View {
    if (error === "" && this.owner.text.peek() !== this.of && this.owner.text.peek() !== this.asked) void this.reset();
    return viewOf(this.source(), this.groups(query), folded, this.of === this.owner.text.peek(), error);
  }

  private source(): Rows {
    return {
      length: this.shape.count,
      at: (place) => {
        const numbers = this.chunks.get(Math.floor(place / CHUNK));
        const n = numbers?.[place % CHUNK];
        if (numbers === undefined) this.wish(place);
        return n === undefined ? undefined : this.owner.rows.get(n);
      },
      placeOf: (n) => {
        for (const [chunk, numbers] of this.chunks) {
          const at = numbers.indexOf(n);
          if (at >= 0) return chunk * CHUNK + at;
        }
        return -1;
      },
    };
  }

  private groups(query: Query): Group[] {
    let start = 0;
    return (this.shape.groups ?? []).map((told) => {
      const value = query.group === "state" && typeof told.value === "number" ? this.owner.boot.states[told.value]?.name : told.value;
      const label = query.group === "state" ? this.owner.label(value, "state") : this.choice(query.group, value);
      const group: Group = { label, key: String(told.value), value, start, count: told.count, sums: told.sums };
      start += told.count;
      return group;
    });
  }

  private choice(name: string, value: unknown): string {
    const choices = this.owner.boot.fields.find((one) => one.name === name)?.choices;
    return choices?.find(([one]) => String(one) === String(value))?.[1] ?? (value === null || value === "" ? "None" : String(value));
  }

  // A place is in sight whose rows are not here.
  private wish(place: number): void {
    this.sight = this.timer === undefined ? [place, place] : [Math.min(this.sight[0], place), Math.max(this.sight[1], place)];
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const [first, last] = this.sight;
      for (let chunk = Math.floor(first / CHUNK); chunk <= Math.floor(last / CHUNK) && chunk < Math.floor(first / CHUNK) + 3; chunk += 1) void this.fetch(chunk);
    }, PATIENCE);
  }

  look(first: number, last: number): void {
    if (this.timer === undefined) this.sight = [first, last];
  }

  private async fetch(chunk: number): Promise<void> {
    if (this.asking.has(chunk) || this.chunks.has(chunk)) return;
    this.asking.add(chunk);
    const text = this.of;
    try {
      const packed = await this.server.window([...this.owner.wanted()], text, chunk * CHUNK);
      if (this.of === text) this.keep(chunk, unpack(packed));
    } catch {
      // the holes stay; scrolling asks again
    } finally {
      this.asking.delete(chunk);
      this.owner.touch();
    }
  }

  private keep(chunk: number, rows: Row[]): void {
    this.chunks.set(chunk, rows.map((row) => row.n));
    for (const row of rows) this.owner.rows.set(row.n, row);
    this.seen = [...this.seen.filter((one) => one !== chunk), chunk];
    while (this.seen.length > CHUNKS) {
      const oldest = this.seen.shift() as number;
      for (const n of this.chunks.get(oldest) ?? []) this.owner.rows.delete(n);
      this.chunks.delete(oldest);
    }
  }
}
