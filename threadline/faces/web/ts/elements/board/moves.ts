// Where a card may go, and what that takes: a verb of the workflow, or a new value of a field.

import type { Store } from "../../store/store";
import type { Field, Row, Value, Verb } from "../../store/types";
import { sortKey, type Group } from "../../store/order";

export interface Lane {
  key: string;
  label: string;
  value: Value;
  tone: string;
  group: Group | undefined; // its rows, if it has any
}
// A row of the board: what one value of a second field has in each column, as places among the ordered rows.
export interface Band extends Omit<Lane, "group"> {
  count: number;
  cells: Map<string, { start: number; count: number }>;
}
export type Move = { kind: "verb"; verb: Verb } | { kind: "value"; text: string; value: Value } | { kind: "not"; why: string } | { kind: "here" };

// Every column there is: all states or choices in their order, else one for each value that occurs.
export function lanes(store: Store, name: string, groups: Group[]): Lane[] {
  const field = store.field(name);
  const byKey = new Map(groups.map((group) => [signOf(group.value), group]));
  const fixed: Omit<Lane, "group">[] =
    name === "state"
      ? store.boot.states.map((one) => ({ key: one.name, label: one.label, value: one.name, tone: one.tone }))
      : field?.kind === "choice"
        ? (field.choices ?? []).map(([value, label]) => ({ key: String(value), label, value, tone: "" }))
        : [];
  const found = fixed.map((lane) => ({ ...lane, group: byKey.get(lane.key) }));
  const known = new Set(found.map((one) => one.key));
  for (const group of groups) {
    const key = signOf(group.value);
    if (!known.has(key)) found.push({ key, label: group.label, value: group.value, tone: "", group });
  }
  if (name !== "state" && !found.some((one) => one.key === "")) found.push({ key: "", label: "None", value: null, tone: "", group: undefined });
  return found;
}

// The rows of a board, by the order in which their values are sorted; blanks last. Rows of one column
// are in that order already, so each cell is a run of them.
export function bands(store: Store, field: Field, columns: Lane[]): Band[] {
  const view = store.view.value;
  const read = sortKey(field, field.name, store.boot);
  const found = new Map<string, Band & { by: number | string | null }>();
  for (const lane of columns) {
    const { start = 0, count = 0 } = lane.group ?? {};
    for (let place = start; place < start + count; place += 1) {
      const row = view.rowAt(place);
      if (row === undefined) continue;
      const key = signOf(row[field.name]);
      let band = found.get(key);
      if (band === undefined) found.set(key, (band = { key, label: store.label(row[field.name] ?? null, field.name), value: row[field.name] ?? null, tone: "", count: 0, cells: new Map(), by: read(row) }));
      const cell = band.cells.get(lane.key);
      if (cell === undefined) band.cells.set(lane.key, { start: place, count: 1 });
      else cell.count += 1;
      band.count += 1;
    }
  }
  return [...found.values()].sort((a, b) => compare(a.by, b.by));
}

function compare(a: number | string | null, b: number | string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");
}

export function signOf(value: Value): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return String((value as { id?: string; key?: string }).id ?? (value as { key?: string }).key ?? "");
  return String(value);
}

export function moveTo(store: Store, field: Field, row: Row, lane: Lane): Move {
  if (signOf(row[field.name]) === lane.key) return { kind: "here" };
  if (field.name !== "state" || field.edit) return byValue(field, lane);
  const from = store.label(row["state"], "state");
  const can = store.boot.verbs.filter((verb) => verb.states.length === 0 || verb.states.includes(String(row["state"])));
  const fits = can.filter((verb) => verb.to === lane.value).sort((a, b) => a.params.length - b.params.length);
  if (fits[0]) return { kind: "verb", verb: fits[0] };
  const ways = [...new Set(can.filter((verb) => verb.to).map((verb) => store.label(verb.to, "state")))];
  const offered = ways.length > 0 ? ` It can go to ${list(ways)}.` : "";
  return { kind: "not", why: `Nothing leads from ${from} to ${lane.label}.${offered}` };
}

function byValue(field: Field, lane: Lane): Move {
  if (!field.edit) return { kind: "not", why: `${field.label} is not changed by hand.` };
  if (field.required && lane.value === null) return { kind: "not", why: `${field.label} may not be blank.` };
  const named = lane.value as { id?: string; key?: string } | null;
  const text = named === null ? "" : typeof named === "object" ? (named.key ?? named.id ?? "") : String(lane.value);
  return { kind: "value", text, value: lane.value };
}

export function list(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}
