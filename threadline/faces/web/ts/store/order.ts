// Rows put in order and in groups. Once a change, never once a row that is drawn.

import { isBlank } from "./query";
import type { Boot, Field, Named, Row, Value } from "./types";

export interface Group {
  label: string;
  key: string;
  value: Value;
  start: number; // place of its first row among the ordered rows
  count: number;
  sums: Record<string, number>;
}

// What a column is sorted by: numbers stay numbers, states go by their place, people by name.
export function sortKey(field: Field | undefined, name: string, boot: Pick<Boot, "states">): (row: Row) => number | string | null {
  if (name === "key") return (row) => row.n;
  if (name === "state") {
    const place = new Map(boot.states.map((state, at) => [state.name, at]));
    return (row) => place.get(String(row["state"])) ?? null;
  }
  const kind = field?.kind ?? "text";
  if (kind === "person" || kind === "product" || kind === "reference" || kind === "cite") {
    return (row) => {
      const value = row[name];
      if (typeof value === "string") return value;
      const one = value as Named | null;
      return one ? (one.name ?? one.title ?? null) : null;
    };
  }
  return (row) => {
    const value = row[name];
    if (isBlank(value)) return null;
    return typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : String(value);
  };
}

type Compare = (a: string, b: string) => number;
export const byCode: Compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// Blanks last whichever way; ties by the order in which records came, the way of the first key.
export function ordered(rows: Row[], sort: [string, boolean][], boot: Boot, compare: Compare = byCode): Row[] {
  return new Orders(boot, compare).ordered(rows, sort);
}

interface Ranked {
  values: (number | string | null)[];
  places: Float64Array; // by row: 0 for the lowest value, `blank` for none
  blank: number;
}

// Puts rows in order by numbers alone. What takes time, comparing texts, is done once a column and
// again only when one of its values has changed; another order of the same rows costs a few milliseconds.
export class Orders {
  private readonly ranks = new Map<string, Ranked>();
  private readonly fields: Map<string, Field>;

  constructor(
    private readonly boot: Pick<Boot, "fields" | "states">,
    private readonly compare: Compare,
  ) {
    this.fields = new Map(boot.fields.map((one) => [one.name, one]));
  }

  ordered(rows: Row[], sort: [string, boolean][]): Row[] {
    const size = rows.length;
    let span = 1;
    let keys = new Float64Array(size);
    for (const [name, down] of sort) {
      const { places, blank } = this.ranked(rows, name);
      if (span * (blank + 1) * size > Number.MAX_SAFE_INTEGER) {
        const places = new Map([...new Set(keys)].sort((a, b) => a - b).map((one, at) => [one, at]));
        keys = keys.map((one) => places.get(one) ?? 0);
        span = places.size;
      }
      span *= blank + 1;
      for (let at = 0; at < size; at += 1) {
        const place = places[at] ?? blank;
        keys[at] = (keys[at] ?? 0) * (blank + 1) + (down && place !== blank ? blank - 1 - place : place);
      }
    }
    // The number of the row comes last in each key, and says afterwards whose key it was.
    const came = this.ranked(rows, "key").places;
    const whose = new Int32Array(size);
    const last = sort[0]?.[1] ? -1 : 1;
    for (let at = 0; at < size; at += 1) {
      const place = last < 0 ? size - 1 - (came[at] ?? 0) : (came[at] ?? 0);
      whose[place] = at;
      keys[at] = (keys[at] ?? 0) * size + place;
    }
    keys.sort();
    return Array.from(keys, (key) => rows[whose[key % size] ?? 0] as Row);
  }

  // Before anybody asks: what sorting by this column will need.
  ranked(rows: Row[], name: string): Ranked {
    const read = sortKey(this.fields.get(name), name, this.boot);
    const values = rows.map(read);
    const kept = this.ranks.get(name);
    if (kept !== undefined && kept.values.length === values.length && values.every((one, at) => one === kept.values[at])) return kept;
    const distinct = [...new Set(values)].filter((one) => one !== null);
    const numeric = distinct.every((one) => typeof one === "number");
    const order = numeric ? (a: number | string, b: number | string) => Number(a) - Number(b) : (a: number | string, b: number | string) => this.compare(String(a), String(b));
    distinct.sort(order);
    const place = new Map<number | string | null, number>();
    let blank = 0; // texts may compare as equal without being the same: they share a place
    distinct.forEach((one, at) => {
      if (at > 0 && order(distinct[at - 1] ?? one, one) !== 0) blank += 1;
      place.set(one, blank);
    });
    if (distinct.length > 0) blank += 1;
    const made = { values, blank, places: Float64Array.from(values, (one) => (one === null ? blank : (place.get(one) ?? blank))) };
    this.ranks.set(name, made);
    return made;
  }
}

// Groups of rows that are in order already; rows of one group stand together.
export function grouped(rows: Row[], name: string, boot: Boot, label: (value: Value) => string): Group[] {
  const field = boot.fields.find((one) => one.name === name);
  const read = sortKey(field, name, boot);
  const sums = boot.fields.filter((one) => one.sum);
  const groups: Group[] = [];
  let key: number | string | null | undefined;
  rows.forEach((row, at) => {
    const mine = read(row);
    let group = groups.at(-1);
    if (group === undefined || mine !== key) {
      key = mine;
      group = { label: label(row[name]), key: String(mine), value: row[name], start: at, count: 0, sums: {} };
      groups.push(group);
    }
    group.count += 1;
    for (const one of sums) {
      const value = row[one.name];
      if (typeof value === "number") group.sums[one.name] = (group.sums[one.name] ?? 0) + value;
    }
  });
  return groups;
}
