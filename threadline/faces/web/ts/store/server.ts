// The addresses of a list that answer with JSON.

import type { Boot, Changed, Edit, Named, News, Packed } from "./types";

export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

// What the store asks of the server; tests put their own in its place.
export interface Server {
  rows(columns: string[], etag: string): Promise<Packed | null>;
  some(columns: string[], numbers: number[]): Promise<Packed>;
  window(columns: string[], query: string, from: number): Promise<Packed>;
  order(query: string): Promise<number[]>;
  shape(columns: string[], query: string): Promise<Shape>;
  news(columns: string[], after: string): Promise<News>;
  change(body: ChangeBody): Promise<Changed>;
}
export interface Shape {
  count: number;
  groups: { value: unknown; count: number; sums: Record<string, number> }[] | null;
}
export interface ChangeBody {
  mutation: string;
  columns: string[];
  edits?: Edit[];
  batch?: string;
  label?: string;
  undo?: string;
}

// As the line carries all rows: numbers that follow each other come as runs, see wire.py.
type Told = Omit<Packed, "n"> & { n?: number[] | { runs: [number, number][] } };

export function numbersOf(runs: [number, number][]): number[] {
  return runs.flatMap(([first, count]) => Array.from({ length: count }, (_, at) => first + at));
}

export function serverOf(boot: Boot): Server {
  const at = (path: string, asked: Record<string, string>): string => `${boot.base}${path}?${new URLSearchParams(asked)}`;
  return {
    async rows(columns, etag) {
      const answer = await ask(at("rows", { columns: columns.join(",") }), etag ? { headers: { "If-None-Match": etag }, cache: "no-store" } : {});
      if (answer.status === 304) return null;
      const told = (await answer.json()) as Told;
      return Array.isArray(told.n) || told.n === undefined ? (told as Packed) : { ...told, n: numbersOf(told.n.runs) };
    },
    some: (columns, numbers) => json<Packed>(at("rows", { columns: columns.join(","), keys: numbers.join(",") })),
    window: (columns, query, from) => json<Packed>(at("rows", { columns: columns.join(","), q: query, from: String(from) })),
    order: async (query) => (await json<{ n: number[] }>(at("order", { q: query }))).n,
    shape: (columns, query) => json<Shape>(at("shape", { columns: columns.join(","), q: query })),
    news: (columns, after) => json<News>(at("news", { columns: columns.join(","), after })),
    change: (body) =>
      json<Changed>(`${boot.base}changes`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": boot.token },
        body: JSON.stringify(body),
      }),
  };
}

// People and products come by themselves: every list of the workspace asks for the same.
export async function namesOf(boot: Boot): Promise<void> {
  const found = await json<Pick<Boot, "people" | "products">>(`${boot.home}names`);
  boot.people.push(...found.people);
  boot.products.push(...found.products);
}

export async function seek(boot: Boot, kinds: string[], text: string): Promise<(Required<Pick<Named, "key" | "title">> & { kind: string })[]> {
  const asked = new URLSearchParams({ kinds: kinds.join(","), q: text });
  return (await json<{ found: { key: string; title: string; kind: string }[] }>(`${boot.home}seek?${asked}`)).found;
}

async function json<T>(address: string, how: RequestInit = {}): Promise<T> {
  return (await (await ask(address, how)).json()) as T;
}

async function ask(address: string, how: RequestInit): Promise<Response> {
  const answer = await fetch(address, { credentials: "same-origin", ...how });
  if (answer.ok || answer.status === 304) return answer;
  const said = await answer.json().then(
    (body: { said?: string }) => body.said,
    () => undefined,
  );
  throw new Refusal(answer.status, said ?? "The server could not answer.");
}
