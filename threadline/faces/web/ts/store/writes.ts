// Changes that are shown before the server has them. Each waits its turn, is sent under one
// name however often it must be sent again, and ends as done, refused, or in conflict; never
// silently as before.

import { signal, type Signal } from "@preact/signals-core";
import { Refusal, type ChangeBody, type Server } from "./server";
import type { Changed, Edit, Refused, Row, Value } from "./types";

export type Standing = "sending" | "unsynced" | "offline" | "failed" | "conflict";

// One change of one record that is not yet the server's.
export interface Pending {
  id: number;
  edit: Edit;
  shown: Record<string, Value>; // what the cells show meanwhile
  was: Record<string, Value>; // what they showed before
  label: string;
  standing: Standing;
  said: string;
  theirs?: Record<string, Value>; // after a conflict: what somebody else made of it
  by?: string;
  mutation: string;
  group: number; // changes of one deed are undone together
}

export interface Deed {
  label: string;
  batch: string;
  count: number;
  numbers: number[];
  refused: Refused[];
}

interface Rows {
  row(n: number): Row | undefined;
  columns(): string[];
  take(changed: Changed): void;
  touched(): void;
}

const SOON = 1_000; // milliseconds after which a change says that it is still on its way
const AGAIN = [1_000, 2_000, 5_000, 15_000];
const MOST = 200;

let last = 0;
const fresh = (): string => (typeof crypto !== "undefined" && "randomUUID" in crypto ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);

export class Writes {
  readonly pending: Signal<Pending[]> = signal([]);
  readonly offline = signal(false);
  private deeds = new Map<number, { batch: string; left: number; done: number[]; refused: Refused[]; label: string; tell: ((deed: Deed) => void) | undefined }>();
  private busy = false;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly server: Server,
    private readonly rows: Rows,
  ) {}

  // What stands in the way of a cell, if anything does.
  of(n: number, field?: string): Pending | undefined {
    return this.pending.value.find((one) => one.edit.n === n && (field === undefined || field in one.shown));
  }

  // Show edits at once and send them; `tell` hears when the last of them has been answered.
  add(edits: { edit: Edit; shown: Record<string, Value> }[], label: string, tell?: (deed: Deed) => void): void {
    const group = (last += 1);
    const made = edits.flatMap(({ edit, shown }): Pending[] => {
      const row = this.rows.row(edit.n);
      const was = Object.fromEntries(Object.keys(shown).map((name) => [name, row?.[name] ?? null]));
      return [{ id: (last += 1), edit, shown, was, label, standing: "sending", said: "", mutation: fresh(), group }];
    });
    if (made.length === 0) return;
    this.deeds.set(group, { batch: "", left: made.length, done: [], refused: [], label, tell });
    this.put([...this.pending.value, ...made]);
    for (const one of made) this.show(one);
    this.rows.touched();
    setTimeout(() => this.mark(made), SOON);
    void this.send();
  }

  // A row came from the server: what is still on its way stays to be seen.
  overlay(row: Row): void {
    for (const one of this.pending.value) {
      if (one.edit.n !== row.n || one.standing === "failed") continue;
      if (one.standing === "conflict") one.theirs = Object.fromEntries(Object.keys(one.shown).map((name) => [name, row[name] ?? null]));
      Object.assign(row, one.shown);
    }
  }

  retry(one: Pending): void {
    const row = this.rows.row(one.edit.n);
    const edit = { ...one.edit };
    if (row !== undefined && edit.version !== undefined) edit.version = row.v;
    const deed = this.deeds.get(one.group);
    if (deed === undefined) this.deeds.set(one.group, { batch: "", left: 1, done: [], refused: [], label: one.label, tell: undefined });
    else deed.left += 1;
    const again: Pending = { ...one, edit, standing: "sending", said: "", mutation: fresh() };
    delete again.theirs;
    this.put(this.pending.value.map((other) => (other === one ? again : other)));
    this.show(again);
    this.rows.touched();
    setTimeout(() => this.mark([again]), SOON);
    void this.send();
  }

  discard(one: Pending): void {
    const row = this.rows.row(one.edit.n);
    if (row) Object.assign(row, one.theirs ?? one.was);
    this.put(this.pending.value.filter((other) => other !== one));
    this.rows.touched();
  }

  wake(): void {
    this.tries = 0;
    clearTimeout(this.timer);
    void this.send();
  }

  private put(pending: Pending[]): void {
    this.pending.value = pending;
  }

  private show(one: Pending): void {
    const row = this.rows.row(one.edit.n);
    if (row) Object.assign(row, one.shown);
  }

  private mark(made: Pending[]): void {
    const ids = new Set(made.map((one) => one.id));
    const late = this.pending.value.some((one) => ids.has(one.id) && one.standing === "sending");
    if (late) this.put(this.pending.value.map((one) => (ids.has(one.id) && one.standing === "sending" ? Object.assign(one, { standing: "unsynced" as const }) : one)));
  }

  // The next edits that may go together: of one deed, of different records, none still unanswered.
  private next(): Pending[] {
    const waiting = this.pending.value.filter((one) => one.standing !== "failed" && one.standing !== "conflict");
    const first = waiting[0];
    if (first === undefined) return [];
    const seen = new Set<number>();
    const chosen: Pending[] = [];
    for (const one of waiting) {
      if (one.group !== first.group || seen.has(one.edit.n) || chosen.length === MOST) break;
      seen.add(one.edit.n);
      chosen.push(one);
    }
    return chosen;
  }

  private async send(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let chosen = this.next(); chosen.length > 0; chosen = this.next()) {
        if (!(await this.sendSome(chosen))) break;
      }
    } finally {
      this.busy = false;
    }
  }

  // What was sent once and not answered is sent again word for word, so that it is done once.
  private flight: { chosen: Pending[]; body: ChangeBody } | undefined;

  private bodyOf(chosen: Pending[]): ChangeBody {
    const first = chosen[0] as Pending;
    if (this.flight !== undefined && this.flight.chosen[0]?.mutation === first.mutation) return this.flight.body;
    const deed = this.deeds.get(first.group);
    const edits = chosen.map(({ edit }) => {
      const row = this.rows.row(edit.n);
      return row !== undefined && edit.version !== undefined ? { ...edit, version: row.v } : edit;
    });
    const body: ChangeBody = { mutation: first.mutation, columns: this.rows.columns(), edits, label: first.label };
    if (deed?.batch) body.batch = deed.batch;
    this.flight = { chosen, body };
    return body;
  }

  private async sendSome(wanted: Pending[]): Promise<boolean> {
    const body = this.bodyOf(wanted);
    const chosen = this.flight?.chosen ?? wanted;
    try {
      const changed = await this.server.change(body);
      this.flight = undefined;
      this.tries = 0;
      this.offline.value = false;
      this.answered(chosen, changed);
      return true;
    } catch (error) {
      return this.broken(chosen, error);
    }
  }

  private answered(chosen: Pending[], changed: Changed): void {
    const refused = new Map(changed.refused.map((one) => [one.n, one]));
    const ids = new Set(chosen.filter((one) => !refused.has(one.edit.n)).map((one) => one.id));
    this.pending.value = this.pending.value.filter((one) => !ids.has(one.id));
    this.rows.take(changed);
    for (const one of chosen) if (refused.has(one.edit.n)) this.refuse(one, refused.get(one.edit.n) as Refused);
    this.settle(chosen, changed.batch, refused);
    this.rows.touched();
  }

  private refuse(one: Pending, why: Refused): void {
    const row = this.rows.row(one.edit.n);
    const theirs = Object.fromEntries(Object.keys(one.shown).map((name) => [name, row ? (this.valueThere(one, name, row) ?? null) : null]));
    if (why.why === "conflict" && one.edit.set && row !== undefined) {
      const same = Object.keys(one.shown).every((name) => JSON.stringify(theirs[name]) === JSON.stringify(one.was[name]));
      if (same) return this.again(one, row);
      this.become(one, { standing: "conflict", said: why.said, theirs });
      return;
    }
    this.become(one, { standing: "failed", said: why.said });
    if (row) Object.assign(row, one.was, theirs);
  }

  // Somebody changed another field meanwhile: ours still stands, over the newer version.
  private again(one: Pending, row: Row): void {
    const deed = this.deeds.get(one.group);
    if (deed) deed.left += 1;
    this.become(one, { edit: { ...one.edit, version: row.v }, standing: "sending", mutation: fresh() });
    this.show(one);
  }

  private asGiven = new Map<number, Row>();

  private valueThere(one: Pending, name: string, row: Row): Value {
    return (this.asGiven.get(one.edit.n) ?? row)[name];
  }

  // Rows as the server gave them, before anything was laid over them.
  remember(rows: Row[]): void {
    this.asGiven = new Map(rows.map((row) => [row.n, { ...row }]));
  }

  private become(one: Pending, change: Partial<Pending>): void {
    Object.assign(one, change);
    this.put([...this.pending.value]);
  }

  private settle(chosen: Pending[], batch: string, refused: Map<number, Refused>): void {
    const group = chosen[0]?.group ?? -1;
    const deed = this.deeds.get(group);
    if (deed === undefined) return;
    deed.batch = batch;
    deed.left -= chosen.length;
    for (const one of chosen) {
      const why = refused.get(one.edit.n);
      if (why === undefined) deed.done.push(one.edit.n);
      else if (one.standing === "failed") deed.refused.push(why);
    }
    if (deed.left > 0) return;
    this.deeds.delete(group);
    deed.tell?.({ label: deed.label, batch: deed.batch, count: deed.done.length, numbers: deed.done, refused: deed.refused });
  }

  private broken(chosen: Pending[], error: unknown): boolean {
    if (error instanceof Refusal && error.status < 500 && error.status !== 429 && error.status !== 409) {
      this.flight = undefined;
      const why = error.status === 401 || error.status === 403 ? "forbidden" : "invalid";
      const refused = chosen.map((one): Refused => ({ n: one.edit.n, why, said: error.message, problems: [] }));
      for (const one of chosen) this.become(one, { standing: "failed", said: error.message });
      for (const one of chosen) Object.assign(this.rows.row(one.edit.n) ?? {}, one.was);
      this.settle(chosen, "", new Map(refused.map((one) => [one.n, one])));
      this.rows.touched();
      return true;
    }
    this.offline.value = true;
    for (const one of chosen) one.standing = "offline";
    this.put([...this.pending.value]);
    const wait = AGAIN[Math.min(this.tries, AGAIN.length - 1)] ?? SOON;
    this.tries += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), wait);
    return false;
  }
}

