// The filter language as kernel/query.py reads it, and the part of it that rows here can
// answer. What they cannot (words in texts, tags not loaded, citations) is the server's to
// say; until it has, such a term holds for every row.

import type { Field, Named, Person, Row, Value } from "./types";

export interface Term {
  field: string;
  op: string;
  values: string[];
  denied: boolean;
}
export interface Words {
  text: string;
  denied: boolean;
}
export interface Query {
  terms: Term[];
  words: Words[];
  sort: [string, boolean][]; // field, descending
  group: string;
  bands?: string; // a second field to group by: the rows of a board
}

const TERM = /(-?)([A-Za-z][A-Za-z0-9_.]*)(:|>=|<=|>|<)/y;
const SHORT: Record<string, string> = { created: "created_at", updated: "updated_at", id: "key" };

export class QueryError extends Error {}

export function parse(text: string): Query {
  const found: Query = { terms: [], words: [], sort: [], group: "" };
  let at = skip(text, 0);
  while (at < text.length) {
    TERM.lastIndex = at;
    const term = TERM.exec(text);
    if (term === null) {
      const [word, next] = readWord(text, at);
      if (word.text !== "") found.words.push(word);
      at = next;
    } else {
      const [values, next] = readValues(text, at + term[0].length);
      const field = (term[2] ?? "").toLowerCase();
      if (values.length === 0) throw new QueryError(`Say what ${field} should be.`);
      if (field === "sort") found.sort = values.map((v) => [v.replace(/^-+/, "").toLowerCase(), v.startsWith("-")]);
      else if (field === "group") {
        found.group = (values[0] ?? "").toLowerCase();
        if (values[1] !== undefined) found.bands = values[1].toLowerCase();
      }
      else found.terms.push({ field, op: term[3] ?? ":", values, denied: term[1] === "-" });
      at = next;
    }
    at = skip(text, at);
  }
  return found;
}

function skip(text: string, at: number): number {
  let next = at;
  while (next < text.length && /\s/.test(text[next] ?? "")) next += 1;
  return next;
}

function readWord(text: string, start: number): [Words, number] {
  const denied = text[start] === "-";
  const at = start + Number(denied);
  if (text[at] === '"') {
    const end = text.indexOf('"', at + 1);
    if (end < 0) throw new QueryError("A quotation mark is not closed.");
    return [{ text: text.slice(at + 1, end), denied }, end + 1];
  }
  let end = at;
  while (end < text.length && !/\s/.test(text[end] ?? "")) end += 1;
  return [{ text: text.slice(at, end), denied }, end];
}

function readValues(text: string, start: number): [string[], number] {
  const values: string[] = [];
  let at = start;
  while (at < text.length && !/\s/.test(text[at] ?? "")) {
    if (text[at] === '"') {
      const end = text.indexOf('"', at + 1);
      if (end < 0) throw new QueryError("A quotation mark is not closed.");
      values.push(text.slice(at + 1, end));
      at = end + 1;
    } else if (text[at] === ",") {
      at += 1;
    } else {
      let end = at;
      while (end < text.length && !/[\s,]/.test(text[end] ?? "")) end += 1;
      values.push(text.slice(at, end));
      at = end;
    }
  }
  return [values, at];
}

// The query without its shape: two queries with the same sieve let the same rows through.
export function sieveOf(query: Query): string {
  return JSON.stringify([query.terms, query.words]);
}

// The text with one of sort and group changed, the rest as it was written.
export function withPart(text: string, word: "sort" | "group", value: string): string {
  const part = new RegExp(`(?<!\\S)-?${word}:((?:"[^"]*"|[^\\s"])+)`, "gi");
  const kept = text.split(/("[^"]*")/).map((piece, at) => (at % 2 ? piece : piece.replace(part, "")));
  return [kept.join("").trim(), value === "" ? "" : `${word}:${value}`].filter(Boolean).join(" ").replace(/\s{2,}/g, " ");
}

export interface Known {
  field: (name: string) => Field | undefined;
  has: (name: string) => boolean; // whether rows carry it
  people: Person[];
  me: string;
  prefix: string;
  now: number; // milliseconds
}

type Test = (row: Row) => boolean;
export interface Sieve {
  test: Test;
  exact: boolean;
}

export function sieve(query: Query, known: Known): Sieve {
  const tests: Test[] = [];
  let exact = true;
  for (const term of query.terms) {
    const test = testOf(term, known);
    if (test === null) exact = false;
    else tests.push(term.denied ? (row) => !test(row) : test);
  }
  for (const words of query.words) {
    exact = false; // the server looks into bodies too, and knows about word forms
    const sought = words.text.toLowerCase();
    if (!words.denied) tests.push((row) => String(row["title"] ?? "").toLowerCase().includes(sought) || keyOf(known, row) === sought);
  }
  return { exact, test: (row) => tests.every((one) => one(row)) };
}

function keyOf(known: Known, row: Row): string {
  return `${known.prefix}-${row.n}`.toLowerCase();
}

function testOf(term: Term, known: Known): Test | null {
  const name = SHORT[term.field] ?? term.field;
  const words = term.values.map((value) => value.toLowerCase());
  if (name === "key" && term.op === ":") {
    const sought = new Set(words.map((word) => Number(word.replace(`${known.prefix.toLowerCase()}-`, ""))));
    return (row) => sought.has(row.n);
  }
  if (name === "tag" && term.op === ":" && known.has("tags")) return tagTest(words);
  const field = known.field(name);
  if (field === undefined || !known.has(name)) return null;
  if (term.op === ":" && words.length === 1 && words[0] === "none") return (row) => isBlank(row[name]);
  if (term.op === ":" && words.length === 1 && words[0] === "any") return (row) => !isBlank(row[name]);
  if (term.op !== ":") return orderTest(field, term, known);
  return equalTest(field, words, known);
}

function tagTest(words: string[]): Test {
  const tags = (row: Row): string[] => (row["tags"] as string[] | null) ?? [];
  if (words.length === 1 && words[0] === "none") return (row) => tags(row).length === 0;
  if (words.length === 1 && words[0] === "any") return (row) => tags(row).length > 0;
  return (row) => tags(row).some((tag) => words.includes(tag));
}

export function isBlank(value: Value): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function equalTest(field: Field, words: string[], known: Known): Test | null {
  const { name, kind } = field;
  if (kind === "choice") {
    const wanted = new Set(words.map((word) => choiceOf(field, word)).filter((one) => one !== undefined));
    return (row) => wanted.has(String(row[name]));
  }
  if (kind === "person") return personTest(field, words, known);
  if (kind === "product") {
    return (row) => words.includes(((row[name] as Named | null)?.name ?? "\0").toLowerCase());
  }
  if (kind === "flag") {
    const wanted = words.map((word) => ["yes", "true", "1", "on", "y"].includes(word));
    return (row) => row[name] !== null && wanted.includes(Boolean(row[name]));
  }
  if (kind === "number" || kind === "money") {
    const wanted = new Set(words.map(Number));
    return (row) => row[name] !== null && wanted.has(Number(row[name]));
  }
  if (kind === "text" || kind === "email" || kind === "link") {
    return (row) => words.some((word) => String(row[name] ?? "").toLowerCase().includes(word));
  }
  return null; // long texts are cut here; references and citations go by keys that may not be loaded
}

function choiceOf(field: Field, word: string): string | undefined {
  const found = (field.choices ?? []).find(([value, label]) => String(value).toLowerCase() === word || label.toLowerCase() === word);
  return found === undefined ? word.replaceAll(" ", "_") : String(found[0]);
}

function personTest(field: Field, words: string[], known: Known): Test | null {
  const wanted = new Set<string>();
  for (const word of words) {
    const sought = word.replace(/^@/, "");
    const found = sought === "me" ? known.me : known.people.find((one) => one.handle.toLowerCase() === sought || one.name.toLowerCase() === sought || one.id === sought)?.id;
    if (found === undefined) return null; // an address, or somebody who has left
    wanted.add(found);
  }
  return (row) => {
    const value = row[field.name];
    return wanted.has(typeof value === "string" ? value : ((value as Named | null)?.id ?? ""));
  };
}

const AGE = /^(\d{1,5})(h|d|w|m|y)$/;
const DAYS: Record<string, number> = { h: 1 / 24, d: 1, w: 7, m: 30.4375, y: 365.25 };
const DAY = 86_400_000;

function orderTest(field: Field, term: Term, known: Known): Test | null {
  const { name } = field;
  const raw = term.values[0] ?? "";
  if (term.values.length !== 1) return null;
  if (field.compare === "number") {
    const limit = Number(raw);
    return Number.isNaN(limit) ? null : (row) => row[name] !== null && holds(Number(row[name]), term.op, limit);
  }
  if (field.compare !== "date" && field.compare !== "time") return null;
  const dated = field.compare === "date";
  const age = AGE.exec(raw.toLowerCase());
  if (age !== null) {
    const at = new Date(known.now - Number(age[1]) * (DAYS[age[2] ?? "d"] ?? 1) * DAY).toISOString();
    const limit = dated ? at.slice(0, 10) : at.slice(0, 19);
    const op = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" }[term.op] ?? term.op;
    return (row) => row[name] !== null && holds(String(row[name]).slice(0, dated ? 10 : 19), op, limit);
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(raw)) return null;
  return (row) => row[name] !== null && holds(String(row[name]).slice(0, 10), term.op, raw);
}

function holds<T extends number | string>(value: T, op: string, limit: T): boolean {
  if (op === ">") return value > limit;
  if (op === ">=") return value >= limit;
  return op === "<" ? value < limit : value <= limit;
}
