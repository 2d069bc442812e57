// The keyboard. What keys there are, and what they are called, stands in the page (keymap.py);
// parts bind names to what they do:
//
//   const stop = bind("panel", { "panel.close": close }, { within: panel });
//
// A binding with `within` works while the focus is inside that element, and before all others;
// otherwise the scope bound last is asked first. A handler that gives back false lets the next
// one have the key. A key that nobody bound presses (or, for fields, focuses) the first visible
// element marked with its name: data-key="create". Nothing works while somebody is typing,
// apart from keys with Control or Command, and Escape.

import { at, data } from "./page";

export type Handler = (event: KeyboardEvent) => void | boolean;
export type Handlers = Record<string, Handler>;
export interface Options {
  within?: Element;
  typing?: boolean; // also while somebody is typing inside `within`
}
export interface Known {
  name: string;
  keys: string[];
  scope: string;
  label: string;
  to?: string;
}
type Stroke = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;
type Row = [string, string[], string, string, string?];
interface Block {
  scopes: Record<string, string>;
  keys: Row[];
}
interface Binding extends Options {
  scope: string;
  handlers: Handlers;
}

const SEQUENCE = 1200; // milliseconds between the two strokes of one key
const bound: Binding[] = [];
let before = "";
let beforeAt = 0;

export function scopes(): Record<string, string> {
  return data<Block>("tl-keys", { scopes: {}, keys: [] }).scopes;
}

export function known(): Known[] {
  return data<Block>("tl-keys", { scopes: {}, keys: [] }).keys.map(([name, keys, scope, label, to]) =>
    to === undefined ? { name, keys, scope, label } : { name, keys, scope, label, to },
  );
}

export function bind(scope: string, handlers: Handlers, options: Options = {}): () => void {
  const made = { scope, handlers, ...options };
  bound.unshift(made);
  return () => {
    const index = bound.indexOf(made);
    if (index >= 0) bound.splice(index, 1);
  };
}

// A stroke as the register writes it: "j", "Shift+x", "Mod+k", "?", "ArrowDown"; null for a bare modifier.
export function nameOf(stroke: Stroke): string | null {
  if (["Control", "Shift", "Alt", "Meta", "AltGraph", "Dead", "Process", "Unidentified"].includes(stroke.key)) return null;
  const letter = stroke.key.length === 1;
  const base = stroke.key === " " ? "Space" : letter ? stroke.key.toLowerCase() : stroke.key;
  const cased = !letter || base === "Space" || stroke.key.toLowerCase() !== stroke.key.toUpperCase();
  const mod = stroke.ctrlKey || stroke.metaKey ? "Mod+" : "";
  const alt = stroke.altKey && (mod !== "" || !letter || cased) ? "Alt+" : "";
  return `${mod}${alt}${stroke.shiftKey && cased ? "Shift+" : ""}${base}`;
}

// Letters, digits and signs alone: people who speak to their computer can turn these off.
export function isSingle(key: string): boolean {
  return key.split(" ").some((part) => [...part.replace(/^(Shift\+)/, "")].length === 1);
}

// A key as people read it, as keymap.said does.
export function said(key: string): string {
  const names: Record<string, string> = { Mod: isMac() ? "⌘" : "Ctrl", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };
  return key
    .split(" ")
    .flatMap((part) => (part === "+" ? ["+"] : part.split("+")))
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ");
}

function isMac(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
}

export function isTyping(element: Element | null): boolean {
  return (
    element !== null &&
    element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]:not([contenteditable=false])")
  );
}

// The scopes that something on the page answers to now, widest last.
export function liveScopes(): Set<string> {
  const marked = [...document.querySelectorAll<HTMLElement>("[data-key]")].filter((one) => one.checkVisibility()).map((one) => one.dataset["key"]);
  const shown = known().filter((one) => marked.includes(one.name)).map((one) => one.scope);
  return new Set(["global", "go", ...shown, ...bound.map((one) => one.scope)]);
}

// Whether a key does something on this page now.
export function isLive(one: Known): boolean {
  return one.to !== undefined || bound.some((other) => one.name in other.handlers) || markedWith(one.name) !== undefined;
}

function markedWith(name: string): HTMLElement | undefined {
  const near = document.activeElement?.closest(".panel");
  const all = [...document.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(name)}"]`)].filter((one) => one.checkVisibility());
  return all.find((one) => near?.contains(one)) ?? all[0];
}

function press(target: HTMLElement): void {
  if (isTyping(target)) {
    target.focus();
    if (target instanceof HTMLInputElement) target.select();
  } else target.click();
}

export function listenForKeys(root: Document): void {
  const off = root.documentElement.dataset["keys"] === "off";
  const all = known();
  const starts = new Set(all.flatMap((one) => one.keys.filter((key) => key.includes(" ")).map((key) => key.split(" ")[0] ?? "")));
  showOwnKeys(root, all, off);
  root.addEventListener("keydown", (event) => {
    const name = nameOf(event);
    if (event.defaultPrevented || event.isComposing || name === null) return;
    const typing = isTyping(root.activeElement);
    const stroke = before !== "" && event.timeStamp - beforeAt < SEQUENCE ? `${before} ${name}` : name;
    before = "";
    const found = find(root, all, stroke, event, typing, off) || (stroke !== name && find(root, all, name, event, typing, off));
    if (found) event.preventDefault();
    else if (!typing && !off && starts.has(name) && !modal(root)) [before, beforeAt] = [name, event.timeStamp];
  });
}

function modal(root: Document): Element | null {
  return root.querySelector("dialog:modal");
}

function find(root: Document, all: Known[], stroke: string, event: KeyboardEvent, typing: boolean, off: boolean): boolean {
  if (off && isSingle(stroke)) return false;
  const fits = all.filter((one) => one.keys.includes(stroke));
  if (fits.length === 0) return false;
  const dialog = modal(root);
  const focus = root.activeElement;
  if (!typing && onItsOwn(focus, stroke)) return false;
  const inside = (one: Binding): boolean => one.within?.contains(focus) ?? false;
  const usable = bound.filter(
    (one) => (!one.within || inside(one)) && (!typing || (inside(one) && one.typing) || stroke.startsWith("Mod+")) && (!dialog || (one.within && dialog.contains(one.within))),
  );
  for (const one of [...usable.filter((b) => b.within), ...usable.filter((b) => !b.within)]) {
    for (const fit of fits) {
      const handler = fit.scope === one.scope || one.handlers[fit.name] ? one.handlers[fit.name] : undefined;
      if (handler && handler(event) !== false) return true;
    }
  }
  if (typing || dialog) return false;
  for (const fit of fits) {
    if (fit.to !== undefined) {
      location.assign(at(fit.to));
      return true;
    }
    const target = markedWith(fit.name);
    if (target) {
      press(target);
      return true;
    }
  }
  return false;
}

// Enter and Space belong to the button or link that has the focus, but for links that are the rows
// of a list, where they do what the list says they do.
function onItsOwn(focus: Element | null, stroke: string): boolean {
  if ((stroke !== "Enter" && stroke !== "Space") || focus === null) return false;
  return focus.matches(stroke === "Space" ? "button, summary, input" : "button, summary") || (focus.matches("a") && focus.closest(".list tbody, .list .board, [data-list]") === null);
}

// Hints on buttons: gone where single keys are off, and changed where somebody chose another key.
function showOwnKeys(root: Document, all: Known[], off: boolean): void {
  const by = new Map(all.map((one) => [one.name, one.keys[0] ?? ""]));
  for (const element of root.querySelectorAll<HTMLElement>("[data-key]")) {
    const key = by.get(element.dataset["key"] ?? "");
    if (key === undefined) continue;
    const hint = element.querySelector("kbd");
    const gone = off && isSingle(key);
    if (hint && hint.textContent !== said(key)) hint.textContent = said(key);
    if (hint instanceof HTMLElement) hint.hidden = gone;
    if (gone || key.includes(" ")) element.removeAttribute("aria-keyshortcuts");
    else element.setAttribute("aria-keyshortcuts", key.replace("Mod", isMac() ? "Meta" : "Control"));
  }
}
