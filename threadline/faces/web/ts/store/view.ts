// What a list shows, line by line: rows in order, heads of groups between them, and holes
// where rows are not here yet. Lines are numbers into one array; nothing is made for a line
// that nobody looks at.

import type { Group } from "./order";
import type { Row } from "./types";

export type Line = { kind: "row"; row: Row; at: number } | { kind: "group"; group: Group; at: number } | { kind: "hole"; at: number };

export interface View {
  count: number; // lines
  total: number; // rows
  groups: Group[];
  line(at: number): Line;
  rowAt(place: number): Row | undefined; // among the ordered rows, folded or not
  lineOf(n: number): number; // of a row; -1 when it is not shown
  numbers(): number[]; // of the rows that are shown and here, in order
  sure: boolean; // whether the server has had its say
  error: string;
}

export interface Rows {
  length: number;
  at(place: number): Row | undefined;
  placeOf(n: number): number;
}

export function viewOf(rows: Rows, groups: Group[], folded: ReadonlySet<string>, sure: boolean, error: string): View {
  const starts: { line: number; group: Group; open: boolean }[] = [];
  let count = groups.length === 0 ? rows.length : 0;
  for (const group of groups) {
    const open = !folded.has(group.key);
    starts.push({ line: count, group, open });
    count += 1 + (open ? group.count : 0);
  }
  const headBefore = (line: number): { line: number; group: Group; open: boolean } => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle]?.line ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    return starts[low] as { line: number; group: Group; open: boolean };
  };
  const rowLine = (place: number, at: number): Line => {
    const row = rows.at(place);
    return row === undefined ? { kind: "hole", at } : { kind: "row", row, at };
  };
  return {
    count,
    total: rows.length,
    groups,
    sure,
    error,
    rowAt: (place) => rows.at(place),
    line(at) {
      if (starts.length === 0) return rowLine(at, at);
      const head = headBefore(at);
      return head.line === at ? { kind: "group", group: head.group, at } : rowLine(head.group.start + at - head.line - 1, at);
    },
    lineOf(n) {
      const place = rows.placeOf(n);
      if (place < 0 || starts.length === 0) return place;
      const head = starts.find((one) => place >= one.group.start && place < one.group.start + one.group.count);
      return head === undefined || !head.open ? -1 : head.line + 1 + place - head.group.start;
    },
    numbers() {
      const found: number[] = [];
      for (let place = 0; place < rows.length; place += 1) {
        const row = rows.at(place);
        if (row !== undefined) found.push(row.n);
      }
      return found;
    },
  };
}

export function listed(rows: Row[]): Rows {
  let places: Map<number, number> | undefined;
  return {
    length: rows.length,
    at: (place) => rows[place],
    placeOf: (n) => {
      places ??= new Map(rows.map((row, at) => [row.n, at]));
      return places.get(n) ?? -1;
    },
  };
}
