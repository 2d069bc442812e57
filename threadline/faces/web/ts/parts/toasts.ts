// Lines at the foot of the page: what was done, and a way to take it back. They go after eight
// seconds, but not while somebody points at them or has the focus in them. What can be undone
// stays on a pile for as long as the tab lives; z takes the top.

import { askPart, blank, refusalOf } from "./asking";
import { hear, tell, type Toast } from "./events";
import { bind } from "./keys";
import { make } from "./making";

const LASTS = 8000;
const MOST = 3;
const PILE = "tl-undo";

export function showToasts(root: Document): void {
  hear("tl:toast", (toast) => show(root, toast));
  for (const toast of flashesIn(root)) tell("tl:toast", toast);
  bind("global", { undo: () => void undoLast() });
}

// The lines a page came with, taken out of it; errors stay in the page.
export function flashesIn(root: ParentNode): Toast[] {
  const notes = [...root.querySelectorAll<HTMLElement>(".flashes.said .note:not(.bad)")];
  return notes.map((note) => {
    const undo = note.querySelector<HTMLFormElement>("form")?.getAttribute("action");
    const link = note.querySelector<HTMLAnchorElement>("a.btn");
    const tone = (["ok", "info", "warn"] as const).find((one) => note.classList.contains(one)) ?? "info";
    note.remove();
    return {
      text: note.querySelector("p")?.textContent ?? "",
      tone,
      ...(undo ? { undo } : {}),
      ...(link ? { link: { label: link.textContent?.trim() ?? "", href: link.getAttribute("href") ?? "" } } : {}),
    };
  });
}

function show(root: Document, toast: Toast): void {
  const place = root.getElementById("toasts");
  if (!place) return;
  if (toast.undo && !toast.again) pile([...piled(), toast.undo]);
  const parts: HTMLElement[] = [make("p", {}, [toast.text])];
  const dismiss = make("button", { class: "btn small square", type: "button", "aria-label": "Dismiss" }, ["×"]);
  const element = make("div", { class: `toast ${toast.tone ?? "ok"}`, "data-undo": toast.undo ?? false }, parts);
  const end = (): void => {
    clearTimeout(timer);
    const held = element.contains(root.activeElement);
    element.remove();
    if (held) root.getElementById("main")?.focus();
  };
  if (toast.link) element.append(make("a", { class: "btn small", href: toast.link.href }, [toast.link.label]));
  if (toast.action) element.append(button(toast.action.label, () => (end(), toast.action?.run())));
  if (toast.undo) {
    const undo = toast.undo;
    element.append(button("Undo", () => (end(), void undoThis(undo))));
  }
  dismiss.addEventListener("click", end);
  element.append(dismiss);
  let timer = setTimeout(end, LASTS);
  const hold = (): void => clearTimeout(timer);
  const let_go = (): void => {
    clearTimeout(timer);
    if (!element.matches(":hover, :focus-within")) timer = setTimeout(end, LASTS);
  };
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, () => setTimeout(let_go));
  while (place.children.length >= MOST) place.firstElementChild?.remove();
  place.append(element);
}

function button(label: string, run: () => void): HTMLButtonElement {
  const made = make("button", { class: "btn small", type: "button" }, [label]);
  made.addEventListener("click", run);
  return made;
}

function piled(): string[] {
  return JSON.parse(sessionStorage.getItem(PILE) ?? "[]") as string[];
}

function pile(addresses: string[]): void {
  sessionStorage.setItem(PILE, JSON.stringify([...new Set(addresses)].slice(-20)));
}

async function undoLast(): Promise<void> {
  const last = piled().at(-1);
  if (last) await undoThis(last);
  else tell("tl:toast", { text: "There is nothing to undo from this tab. A record's history can undo more.", tone: "info" });
}

async function undoThis(address: string): Promise<void> {
  pile(piled().filter((one) => one !== address));
  document.querySelector(`[data-undo="${CSS.escape(address)}"]`)?.remove();
  if (!refreshes()) {
    submit(address);
    return;
  }
  const part = await askPart(address, "panel", blank());
  const said = part.root ? flashesIn(part.root) : [];
  for (const toast of said) tell("tl:toast", { ...toast, again: true });
  if (said.length === 0) tell("tl:toast", { text: refusalOf(part, "This could not be undone."), tone: "bad" });
  tell("tl:changed", { keys: [] });
}

// Whether something on the page shows changes by itself; otherwise the page is loaded again.
function refreshes(): boolean {
  return document.querySelector(".list, aside.panel, [data-refreshes]") !== null;
}

function submit(address: string): void {
  const form = make("form", { method: "post", action: address, hidden: true });
  for (const [name, value] of blank()) form.append(make("input", { type: "hidden", name, value: String(value) }));
  document.body.append(form);
  form.submit();
}
