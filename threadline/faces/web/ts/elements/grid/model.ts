// What the hands have done in a grid: where the cursor is, what is selected, what is being
// edited. Drawing reads it; keys and clicks change it.

import { computed, signal, type ReadonlySignal } from "@preact/signals-core";
import type { Store } from "../../store/store";
import { withPart } from "../../store/query";
import { sortOf } from "../../store/store";
import type { Field, Row, Value, Verb } from "../../store/types";
import type { Deed, Pending } from "../../store/writes";
import { raw } from "../../store/words";
import { tell } from "../../parts/events";
import { RANK } from "./ranking";

export interface Spot {
  line: number;
  col: number; // among the columns; the row's tick box is no column
}
export interface Editing {
  n: number;
  field: Field;
  text: string;
  whole: boolean; // opened by Enter: the text is selected; opened by typing: the letter replaces it
}
export interface Asking {
  verb: Verb;
  numbers: number[];
  why?: string; // what another verb was refused for, when this one is asked for instead
}
export type Density = "compact" | "usual" | "roomy";
export const HEIGHTS: Record<Density, number> = { compact: 28, usual: 34, roomy: 44 };
export const CARD = 84;

export class Model {
  readonly spot = signal<Spot>({ line: 0, col: 0 });
  readonly anchor = signal<Spot | null>(null);
  readonly selected = signal<ReadonlySet<number>>(new Set());
  readonly editing = signal<Editing | null>(null);
  readonly asking = signal<Asking | null>(null);
  readonly changing = signal(false); // the dialog that changes a field of all selected
  readonly opened = signal<string | null>(null); // the record in the panel
  readonly head = signal<string | null>(null); // the column whose menu is open
  readonly widths = signal<Record<string, number>>({});
  readonly density = signal<Density>("usual");
  readonly narrow = signal(false);
  readonly first = signal(0);
  readonly shown = signal(30);
  readonly fields: ReadonlySignal<Field[]>;
  readonly height: ReadonlySignal<number>;
  readonly usual = signal(HEIGHTS.usual); // what the theme and the pointer make of it
  said = "";
  private lastTick: number | null = null;
  private lastBatch = "";

  constructor(readonly store: Store) {
    this.fields = computed(() => ["title", ...store.columns.value.filter((n) => n !== "title")].flatMap((n) => store.field(n) ?? []));
    this.height = computed(() => (this.narrow.value ? CARD : this.density.value === "usual" ? this.usual.value : HEIGHTS[this.density.value]));
    this.restore();
  }

  // ---- where ----

  field(): Field | undefined {
    return this.fields.peek()[this.spot.peek().col];
  }

  row(): Row | undefined {
    const line = this.store.view.peek().line(this.spot.peek().line);
    return line.kind === "row" ? line.row : undefined;
  }

  key(row: Row): string {
    return `${this.store.boot.prefix}-${row.n}`;
  }

  go(line: number, col: number, extend = false): void {
    const view = this.store.view.peek();
    const to = { line: Math.max(0, Math.min(view.count - 1, line)), col: Math.max(0, Math.min(this.fields.peek().length - 1, col)) };
    if (extend) this.anchor.value ??= this.spot.peek();
    else this.anchor.value = null;
    this.spot.value = to;
  }

  // The lines and columns between the anchor and the cursor.
  range(): { lines: [number, number]; cols: [number, number] } {
    const { line, col } = this.spot.value;
    const from = this.anchor.value ?? { line, col };
    return { lines: [Math.min(from.line, line), Math.max(from.line, line)], cols: [Math.min(from.col, col), Math.max(from.col, col)] };
  }

  cells(): { row: Row; field: Field }[][] {
    const { lines, cols } = this.range();
    const view = this.store.view.peek();
    const fields = this.fields.peek().slice(cols[0], cols[1] + 1);
    const found: { row: Row; field: Field }[][] = [];
    for (let at = lines[0]; at <= lines[1] && found.length < 5_000; at += 1) {
      const line = view.line(at);
      if (line.kind === "row") found.push(fields.map((field) => ({ row: line.row, field })));
    }
    return found;
  }

  // ---- selecting rows ----

  toggle(n: number, range = false): void {
    const next = new Set(this.selected.peek());
    const view = this.store.view.peek();
    const from = range && this.lastTick !== null ? view.lineOf(this.lastTick) : -1;
    const to = view.lineOf(n);
    const on = !next.has(n);
    if (from >= 0 && to >= 0) {
      for (let at = Math.min(from, to); at <= Math.max(from, to); at += 1) {
        const line = view.line(at);
        if (line.kind === "row") next.add(line.row.n);
      }
    } else if (on) next.add(n);
    else next.delete(n);
    this.lastTick = n;
    this.select(next);
  }

  async toggleAll(): Promise<void> {
    const view = this.store.view.peek();
    const has = this.selected.peek().size;
    if (has > 0 && has >= Math.min(view.total, 20_000)) return this.select(new Set());
    const all = this.store.windowed.peek() ? await this.store.server.order(this.store.text.peek()) : view.numbers();
    this.select(new Set(all));
  }

  select(numbers: ReadonlySet<number>): void {
    this.selected.value = numbers;
    tell("tl:selection", { type: this.store.boot.kind, ids: [...numbers].map((n) => `${this.store.boot.prefix}-${n}`) });
  }

  // ---- editing ----

  edit(text?: string): boolean {
    const row = this.row();
    const field = this.field();
    if (row === undefined || field === undefined || this.narrow.peek()) return false;
    const byVerb = field.name === "state" && !field.edit && this.verbsFor([row]).length > 0;
    if (!field.edit && !byVerb) return false;
    if (field.kind === "markdown" || (this.store.writes.of(row.n, field.name)?.standing === "conflict")) return false;
    if (field.kind === "flag" && text === undefined) {
      this.put([{ row, field, text: row[field.name] ? "no" : "yes" }], `Changed ${field.label.toLowerCase()}`);
      return true;
    }
    this.anchor.value = null;
    this.editing.value = { n: row.n, field, text: text ?? raw(row[field.name], field, this.store.boot), whole: text === undefined };
    return true;
  }

  // Texts into cells, as typed or pasted; all of it is one deed.
  put(cells: { row: Row; field: Field; text: string; value?: Value }[], label: string): void {
    const sets = new Map<number, { set: Record<string, Value>; shown: Record<string, Value>; row: Row }>();
    const others: { edit: import("../../store/types").Edit; shown: Record<string, Value> }[] = [];
    for (const { row, field, text, value } of cells) {
      if (!field.edit) continue;
      const shown = value ?? this.understood(field, text);
      if (JSON.stringify(shown) === JSON.stringify(row[field.name] ?? null)) continue;
      if (field.kind === "tags") others.push({ edit: { n: row.n, tags: words(text) }, shown: { tags: words(text) } });
      else if (field.kind === "cite") others.push({ edit: this.citing(row, field, text), shown: { [field.name]: shown } });
      else {
        const made = sets.get(row.n) ?? { set: {}, shown: {}, row };
        made.set[field.name] = this.asSent(field, text, shown);
        made.shown[field.name] = shown;
        sets.set(row.n, made);
      }
    }
    const edits = [...sets.values()].map(({ set, shown, row }) => ({ edit: { n: row.n, version: row.v, set }, shown }));
    this.store.writes.add([...edits, ...others], label, (deed) => this.tellOf(deed, edits.length + others.length > 1));
  }

  private citing(row: Row, field: Field, text: string): import("../../store/types").Edit {
    const old = (row[field.name] as { key?: string } | null)?.key;
    return { n: row.n, cite: field.name, target: text.trim(), ...(old ? { instead: old } : {}) };
  }

  private asSent(field: Field, text: string, shown: Value): Value {
    if (text.trim() === "") return field.kind === "text" ? "" : null;
    const id = (shown as { id?: string } | null)?.id;
    if ((field.kind === "person" || field.kind === "product") && id) return id;
    return text;
  }

  // What a text will most likely be once the server has read it.
  understood(field: Field, text: string): Value {
    const given = text.trim();
    if (given === "") return field.kind === "text" ? "" : field.kind === "tags" ? [] : null;
    const { boot } = this.store;
    switch (field.kind) {
      case "number":
      case "money": {
        const number = Number(given.replace(/[\s\u00a0,€$£%]/g, ""));
        return Number.isFinite(number) ? number : given;
      }
      case "choice":
        return field.choices?.find(([value, label]) => String(value).toLowerCase() === given.toLowerCase() || label.toLowerCase() === given.toLowerCase())?.[0] ?? given;
      case "flag":
        return ["yes", "true", "1", "on", "y"].includes(given.toLowerCase());
      case "person": {
        const one = boot.people.find((p) => p.name.toLowerCase() === given.toLowerCase() || p.handle === given.replace(/^@/, "") || p.id === given);
        return field.own ? (one?.id ?? given) : one ? { id: one.id, name: one.name } : { name: given };
      }
      case "product": {
        const one = boot.products.find((p) => p.name.toLowerCase() === given.toLowerCase() || p.slug === given || p.id === given);
        return one ? { id: one.id, name: one.name } : { name: given };
      }
      case "reference":
      case "cite":
        return { key: given, title: given };
      case "tags":
        return words(given);
      default:
        return given;
    }
  }

  // ---- verbs ----

  verbsFor(rows: Row[], bulk = false): Verb[] {
    const { boot } = this.store;
    return boot.verbs.filter((verb) => (!bulk || verb.bulk) && rows.some((row) => verb.states.length === 0 || verb.states.includes(String(row["state"]))));
  }

  run(verb: Verb, numbers: number[], given?: Record<string, Value>): void {
    if (given === undefined && verb.params.length > 0) {
      this.asking.value = { verb, numbers };
      return;
    }
    this.asking.value = null;
    const shown = verb.to ? { state: verb.to } : {};
    this.send(numbers, (row) => ({ n: row.n, version: row.v, do: verb.name, given: given ?? {} }), shown, verb.label);
  }

  archive(numbers: number[]): void {
    this.send(numbers, (row) => ({ n: row.n, version: row.v, do: "archive" }), {}, "To the trash");
    this.select(new Set());
  }

  tag(numbers: number[], tags: string[]): void {
    this.send(numbers, (row) => ({ n: row.n, tags, add: true }), {}, "Tagged");
  }

  setAll(numbers: number[], field: Field, text: string): void {
    const shown = this.understood(field, text);
    if (field.kind === "tags") return this.tag(numbers, words(text));
    if (field.kind === "cite") return this.send(numbers, (row) => ({ n: row.n, cite: field.name, target: text.trim() }), {}, `Changed ${field.label.toLowerCase()}`);
    this.send(numbers, (row) => ({ n: row.n, version: row.v, set: { [field.name]: this.asSent(field, text, shown) } }), { [field.name]: shown }, `Changed ${field.label.toLowerCase()}`);
  }

  private send(numbers: number[], make: (row: Row) => import("../../store/types").Edit, shown: Record<string, Value>, label: string): void {
    const edits = numbers.map((n) => {
      const row = this.store.rows.get(n) ?? { n, v: 0 };
      const edit = make(row);
      if (row.v === 0) delete edit.version;
      return { edit, shown };
    });
    this.store.writes.add(edits, label, (deed) => this.tellOf(deed, true));
  }

  private tellOf(deed: Deed, always: boolean): void {
    const { boot } = this.store;
    const some = deed.count === 1 ? boot.label.toLowerCase() : boot.plural.toLowerCase();
    // What says so in a line at the foot of the page is taken back from there.
    this.lastBatch = deed.count > 0 && !always && deed.refused.length === 0 ? deed.batch : "";
    if (deed.refused.length > 0 && this.askInstead(deed)) {
      if (deed.count > 0) tell("tl:toast", { text: `${deed.label}: ${deed.count} done, ${deed.refused.length} need a word more.`, undo: `${boot.home}undo/${deed.batch}`, tone: "ok" });
    } else if (deed.refused.length > 0) {
      const why = [...new Set(deed.refused.map((one) => one.said))].slice(0, 2).join(" ");
      const undo = deed.count > 0 ? { undo: `${boot.home}undo/${deed.batch}` } : {};
      tell("tl:toast", { text: `${deed.label}: ${deed.count} done, ${deed.refused.length} could not be. ${why}`, tone: "warn", ...undo });
    } else if (always && deed.count > 0) {
      tell("tl:toast", { text: `${deed.label}: ${deed.count.toLocaleString("en-GB")} ${some}.`, undo: `${boot.home}undo/${deed.batch}`, tone: "ok" });
    }
    tell("tl:changed", { keys: [...deed.numbers].slice(0, 50).map((n) => `${boot.prefix}-${n}`) });
    this.said = deed.count > 0 ? `${deed.label}: ${deed.count} done` : "";
  }

  // Where every refusal names the same verb that would do, its form opens with what was said.
  private askInstead({ refused }: Deed): boolean {
    const verb = this.store.boot.verbs.find((one) => one.name === refused[0]?.instead);
    if (verb === undefined || refused.some((one) => one.instead !== verb.name)) return false;
    const said = [...new Set(refused.map((one) => one.said))];
    const numbers = refused.map((one) => one.n);
    for (const one of this.store.writes.pending.peek()) if (one.standing === "failed" && numbers.includes(one.edit.n)) this.store.writes.discard(one);
    this.asking.value = { verb, numbers, why: said.length === 1 ? said[0] ?? "" : `${refused.length.toLocaleString("en-GB")} lack something. ${said.slice(0, 2).join(" ")}` };
    return true;
  }

  get undoable(): boolean {
    return this.lastBatch !== "";
  }

  async undo(): Promise<void> {
    const batch = this.lastBatch;
    if (batch === "") return;
    this.lastBatch = "";
    try {
      const mutation = crypto.randomUUID();
      const done = await this.store.server.change({ mutation, columns: [], undo: batch });
      const kept = done.kept ?? [];
      tell("tl:toast", { text: kept.length > 0 ? `Undone, except what changed since: ${kept.join(", ")}.` : "Undone.", tone: kept.length > 0 ? "warn" : "ok" });
    } catch (error) {
      tell("tl:toast", { text: (error as Error).message, tone: "bad" });
    }
    await this.store.hear();
  }

  keepMine(one: Pending): void {
    this.store.writes.retry(one);
  }

  // ---- the shape of the list ----

  sortBy(name: string, add: boolean): void {
    const { query } = this.store.query.peek();
    const now = sortOf(query, this.store.boot).filter(([n]) => n !== query.group);
    const here = now.find(([n]) => n === name);
    const numeric = name !== RANK && ["number", "date", "time"].includes(this.store.field(name)?.compare ?? "");
    const down = here === undefined ? numeric : !here[1];
    const next = add && query.sort.length > 0 ? [...now.filter(([n]) => n !== name), [name, down] as const] : [[name, down] as const];
    this.ask(withPart(this.store.text.peek(), "sort", next.map(([n, d]) => (d ? "-" : "") + n).join(",")));
  }

  groupBy(name: string): void {
    this.ask(withPart(this.store.text.peek(), "group", name));
  }

  ask(text: string): void {
    this.store.text.value = text;
    this.anchor.value = null;
  }

  fold(key: string): void {
    const next = new Set(this.store.folded.peek());
    if (!next.delete(key)) next.add(key);
    this.store.folded.value = next;
  }

  setColumns(names: string[]): void {
    this.store.columns.value = names;
    this.remember();
  }

  moveColumn(name: string, by: number): void {
    const names = this.fields.peek().map((f) => f.name);
    const from = names.indexOf(name);
    const to = from + by;
    if (from < 1 || to < 1 || to >= names.length) return;
    names.splice(to, 0, ...names.splice(from, 1));
    this.setColumns(names);
  }

  setWidth(name: string, width: number): void {
    this.widths.value = { ...this.widths.peek(), [name]: Math.max(60, Math.min(900, Math.round(width))) };
    this.remember();
  }

  setDensity(density: Density): void {
    this.density.value = density;
    this.remember();
  }

  // The personal draft of the view: widths and density, which nobody else need see.
  private draft(): string {
    return `tl-draft|${this.store.boot.slug}|${this.store.boot.kind}`;
  }

  private remember(): void {
    try {
      const asked = Object.fromEntries(Object.entries(this.widths.peek()));
      localStorage.setItem(this.draft(), JSON.stringify({ widths: asked, density: this.density.peek() }));
    } catch {
      // a browser that keeps nothing still shows everything
    }
  }

  private restore(): void {
    try {
      const kept = JSON.parse(localStorage.getItem(this.draft()) ?? "{}") as { widths?: Record<string, number>; density?: Density };
      this.widths.value = kept.widths ?? {};
      if (kept.density && kept.density in HEIGHTS) this.density.value = kept.density;
    } catch {
      // as above
    }
  }
}

export function words(text: string): string[] {
  return text.split(",").map((one) => one.trim().toLowerCase()).filter(Boolean);
}
