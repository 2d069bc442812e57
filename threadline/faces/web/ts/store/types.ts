// What the server says of a list (island.py), and the rows that the store keeps.

export type Value = unknown;

export interface Row {
  n: number; // the number in its key: F-112 is 112
  v: number; // version
  [field: string]: Value;
}

export interface Named {
  id?: string;
  name?: string;
  key?: string;
  title?: string;
}

export interface Field {
  name: string;
  label: string;
  kind: string; // text markdown number money flag date moment choice email link person product reference cite tags
  compare?: string; // text number date time id
  help?: string;
  unit?: string;
  role?: string;
  edit?: boolean;
  required?: boolean;
  group?: boolean;
  sum?: boolean;
  whole?: boolean;
  own?: boolean;
  computed?: boolean;
  choices?: [string | number, string][];
  to?: string[];
}

export interface Param {
  name: string;
  label: string;
  help: string;
  kind: string;
  required: boolean;
  many: boolean;
  long: boolean;
  choices?: [string | number, string][];
  to?: string[];
}

export interface Verb {
  name: string;
  label: string;
  help: string;
  states: string[];
  to: string;
  bulk: boolean;
  params: Param[];
}

export interface State {
  name: string;
  label: string;
  tone: string;
  final: boolean;
}

export interface Person {
  id: string;
  name: string;
  handle: string;
}

export interface Boot {
  kind: string;
  label: string;
  plural: string;
  prefix: string;
  base: string;
  home: string;
  slug: string;
  me: { id: string; name: string };
  currency: string;
  version: string;
  binary: boolean;
  token: string;
  query: string; // what is drawn
  asked: string; // what was asked for; a board adds its groups
  layout: string;
  view: { id: string; query: string; columns: string[]; layout: string }; // as it is saved
  sort: string;
  columns: string[];
  fields: Field[];
  states: State[];
  verbs: Verb[];
  people: Person[];
  products: { id: string; name: string; slug: string }[];
  may: Record<string, boolean>;
}

type Column = Value[] | { d: Value[]; i: number[] };

// Rows as the line carries them, see wire.py.
export interface Packed {
  n: number[];
  v: number[];
  c: Record<string, Column>;
  cursor: string;
  etag?: string;
  too_many?: boolean;
}

export interface News extends Partial<Packed> {
  cursor: string;
  reset: boolean;
  beside: boolean;
  by?: Record<string, string>;
  reach?: [number, number][];
}

export interface Refused {
  n: number;
  why: "conflict" | "forbidden" | "gone" | "invalid";
  said: string;
  problems: { field: string; message: string }[];
  instead?: string; // the verb that leads to the same end and asks for what is missing
}

export interface Changed extends Packed {
  batch: string;
  done: number[];
  refused: Refused[];
  kept?: string[];
}

// One thing to do to one record; `n` is its number.
export interface Edit {
  n: number;
  version?: number;
  set?: Record<string, Value>;
  do?: string;
  given?: Record<string, Value>;
  tags?: string[];
  add?: boolean;
  cite?: string;
  target?: string;
  instead?: string;
}

export function unpack(packed: Pick<Packed, "n" | "v" | "c">): Row[] {
  const rows: Row[] = packed.n.map((n, at) => ({ n, v: packed.v[at] ?? 0 }));
  for (const [name, column] of Object.entries(packed.c)) {
    if (Array.isArray(column)) rows.forEach((row, at) => (row[name] = column[at] ?? null));
    else rows.forEach((row, at) => (row[name] = column.d[column.i[at] ?? -1] ?? null));
  }
  return rows;
}
