// The keys of a grid: a spreadsheet's, and those of every list.

import { tell } from "../../parts/events";
import type { Model } from "./model";
import type { Handlers } from "../../parts/keys";
import { copied, pasted } from "./clipboard";
import { isRanked, moveTo } from "./ranking";

const LETTER = /^[\p{L}\p{N}\p{P}\p{S}]$/u;

export interface Screen {
  page(): number; // lines to a page
  open(key: string): void;
  peek(key: string): void; // open it, and stay here
  openHead(name: string): void;
  sight(): void; // bring the cursor into sight
  single: boolean; // whether single letters do something
}

// What a stroke does; true when it was ours.
export function press(model: Model, event: KeyboardEvent, screen: Screen): boolean {
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey && event.key === "ArrowDown") {
    screen.openHead(model.field()?.name ?? "");
    return true;
  }
  if (event.altKey) return false;
  return mod ? withControl(model, event) : moved(model, event, screen) || acted(model, event, screen);
}

function withControl(model: Model, event: KeyboardEvent): boolean {
  const { line, col } = model.spot.peek();
  const ends: Record<string, [number, number]> = {
    ArrowUp: [0, col],
    ArrowDown: [Infinity, col],
    ArrowLeft: [line, 0],
    ArrowRight: [line, Infinity],
    Home: [0, 0],
    End: [Infinity, Infinity],
  };
  const end = ends[event.key];
  if (end !== undefined) model.go(end[0], end[1], event.shiftKey);
  else if (event.key === "a") void model.toggleAll();
  else if (event.key === "d") fillDown(model);
  else return false;
  return true;
}

function moved(model: Model, event: KeyboardEvent, screen: Screen): boolean {
  const { line, col } = model.spot.peek();
  const page = Math.max(1, screen.page() - 1);
  const to: Record<string, [number, number]> = {
    ArrowUp: [line - 1, col],
    ArrowDown: [line + 1, col],
    ArrowLeft: [line, col - 1],
    ArrowRight: [line, col + 1],
    Home: [line, 0],
    End: [line, Infinity],
    PageUp: [line - page, col],
    PageDown: [line + page, col],
  };
  const here = model.store.view.peek().line(line);
  if (here.kind === "group" && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    const open = !model.store.folded.peek().has(here.group.key);
    if (open === (event.key === "ArrowLeft")) model.fold(here.group.key);
    return true;
  }
  const found = to[event.key];
  if (found === undefined) return false;
  model.go(found[0], found[1], event.shiftKey);
  return true;
}

function acted(model: Model, event: KeyboardEvent, screen: Screen): boolean {
  const { line } = model.spot.peek();
  const here = model.store.view.peek().line(line);
  if (here.kind === "group") {
    if (event.key !== "Enter" && event.key !== " ") return false;
    model.fold(here.group.key);
    return true;
  }
  const row = model.row();
  switch (event.key) {
    case "Enter":
    case "F2":
      if (!model.edit() && row && event.key === "Enter") screen.open(model.key(row));
      return true;
    case " ":
      if (row) screen.peek(model.key(row));
      return true;
    case "Delete":
    case "Backspace":
      clear(model);
      return true;
    case "Escape":
      if (model.anchor.peek()) model.anchor.value = null;
      else if (model.selected.peek().size > 0) model.select(new Set());
      else return false;
      return true;
    default:
      return letter(model, event, screen);
  }
}

// With single keys off, any letter begins to write in the cell; otherwise digits do, where they mean a number.
function letter(model: Model, event: KeyboardEvent, screen: Screen): boolean {
  const field = model.field();
  if (field === undefined || !LETTER.test(event.key)) return false;
  const numeric = ["number", "money", "date"].includes(field.kind) && /[\d.+-]/.test(event.key);
  return (numeric || !screen.single) && model.edit(event.key);
}

// The names that the register of keys knows; what they do here.
export function handlers(model: Model, screen: Screen): { list: Handlers; grid: Handlers } {
  const onRow = (run: (key: string, n: number) => void) => (): boolean => {
    const row = model.row();
    if (row) run(model.key(row), row.n);
    return row !== undefined;
  };
  const step = (by: number) => (): void => {
    const { line, col } = model.spot.peek();
    model.go(line + by, col);
    // What is beside the list follows the cursor.
    const row = model.row();
    if (row && model.opened.peek() !== null && model.opened.peek() !== model.key(row)) screen.peek(model.key(row));
  };
  const list: Handlers = {
    "list.next": step(1),
    "list.previous": step(-1),
    "list.open": onRow((key) => screen.open(key)),
    "list.peek": onRow((key) => screen.peek(key)),
    "list.full": onRow((key) => location.assign(model.store.boot.home + key)),
    "list.select": onRow((_, n) => model.toggle(n)),
    "list.range": onRow((_, n) => model.toggle(n, true)),
    undo: () => model.undoable && void model.undo(),
  };
  const grid: Handlers = {
    "grid.edit": onRow((key) => void (model.edit() || screen.open(key))),
    "grid.state": () => jumpAndEdit(model, "state"),
    "grid.owner": () => jumpAndEdit(model, "owner"),
    "grid.up": () => rankBy(model, -1),
    "grid.down": () => rankBy(model, 1),
    "grid.empty": () => clear(model),
    "grid.fill": () => fillDown(model),
    "grid.all": () => void model.toggleAll(),
    "grid.column": () => screen.openHead(model.field()?.name ?? ""),
  };
  const seen = (all: Handlers): Handlers =>
    Object.fromEntries(Object.entries(all).map(([name, run]) => [name, (event) => { const done = run(event); screen.sight(); return done; }]));
  return { list: seen(list), grid: seen(grid) };
}

function rankBy(model: Model, by: 1 | -1): boolean {
  const { line, col } = model.spot.peek();
  if (!isRanked(model)) tell("tl:toast", { text: "Sort the list by rank first: then rows are moved by hand.", tone: "info" });
  else if (moveTo(model, line, line + by)) model.go(line + by, col);
  return true;
}

function jumpAndEdit(model: Model, name: string): boolean {
  const col = model.fields.peek().findIndex((one) => one.name === name);
  if (col < 0) return false;
  model.go(model.spot.peek().line, col);
  return model.edit();
}

function clear(model: Model): void {
  const cells = model.cells().flat().filter(({ field }) => field.edit && !field.required && field.name !== "state");
  model.put(cells.map(({ row, field }) => ({ row, field, text: "" })), "Emptied");
}

export function fillDown(model: Model): void {
  const rows = model.cells();
  const first = rows[0];
  if (first === undefined || rows.length < 2) return;
  const texts = copied(model, [first])[0] ?? [];
  model.put(
    rows.slice(1).flatMap((cells) => cells.map(({ row, field }, at) => ({ row, field, text: texts[at] ?? "" }))),
    "Filled down",
  );
}

// Copy and paste through the browser's own clipboard events, as text with tabs between cells.
export function onCopy(model: Model, event: ClipboardEvent): void {
  const table = copied(model, model.cells());
  event.clipboardData?.setData("text/plain", table.map((row) => row.join("\t")).join("\n"));
  event.preventDefault();
  tell("tl:toast", { text: table.length === 1 && table[0]?.length === 1 ? "Copied." : `Copied ${table.length} × ${table[0]?.length ?? 0} cells.`, tone: "info" });
}

export function onPaste(model: Model, event: ClipboardEvent): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (text === "") return;
  event.preventDefault();
  model.put(pasted(model, text), "Pasted");
}
