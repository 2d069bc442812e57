// A list of records as the server drew it: walked with j and k, opened at the side, ticked, and
// fetched anew when something changed. Lists that are elements of their own do this themselves.

import { recordAt } from "./asking";
import { hear, tell } from "./events";
import { bind } from "./keys";
import { facts } from "./page";
import { openKey } from "./panel";
import { pickRows } from "./picking";

const ROW = ".list tbody tr:not(.group)";

export function walkRows(root: Document): void {
  if (root.querySelector(".main > [data-empty]")) hear("tl:changed", () => void becomeList(root));
  if (root.querySelector(ROW) === null && root.querySelector("[data-records]") === null) return;
  root.addEventListener("click", peekOnClick);
  bind("list", {
    "list.next": () => walk(1),
    "list.previous": () => walk(-1),
    "list.open": (event) => (event.key === "Enter" && !isRowLink(root.activeElement) ? false : openHere(false)),
    "list.peek": () => (openKey() && openKey() === keyOf(current()) ? (tell("tl:close", {}), true) : openHere(true)),
    "list.full": () => (openKey() ? false : go()),
    "list.select": () => tick(false),
    "list.range": () => tick(true),
  });
  hear("tl:step", ({ from, by }) => {
    const all = links();
    const next = all[all.findIndex((one) => recordAt(one.href)?.key === from) + by];
    const key = next && recordAt(next.href)?.key;
    if (!next || !key || !all.some((one) => recordAt(one.href)?.key === from)) return;
    next.closest("tr, li")?.scrollIntoView({ block: "nearest" });
    tell("tl:open", { key, stay: next.ownerDocument.activeElement?.closest(".panel") === null });
  });
  hear("tl:opened", ({ key }) => mark(key));
  hear("tl:changed", () => void refreshList(root));
  root.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches('input[name="ids"], [data-check-all]')) tellSelection(root);
  });
}

// Every link to a record that is a row's own.
function links(): HTMLAnchorElement[] {
  const found = document.querySelectorAll<HTMLAnchorElement>(`${ROW} th a[href], [data-records] [data-record-link]`);
  return [...found].filter((one) => one.closest("tl-grid, tl-board") === null && recordAt(one.href) !== null);
}

function isRowLink(element: Element | null): boolean {
  return element instanceof HTMLAnchorElement && links().includes(element);
}

function current(): HTMLAnchorElement | undefined {
  const focus = document.activeElement;
  const row = focus?.closest("tr, li");
  const all = links();
  return all.find((one) => one === focus || (row && one.closest("tr, li") === row)) ?? all.find((one) => one.closest("[aria-current]"));
}

function keyOf(link: HTMLAnchorElement | undefined): string | null {
  return link ? (recordAt(link.href)?.key ?? null) : null;
}

function walk(by: 1 | -1): boolean {
  const all = links();
  if (all.length === 0 || document.activeElement?.closest(".panel, .menu, .filter-bar")) return false;
  const here = current();
  const next = here ? all[all.indexOf(here) + by] : all[by === 1 ? 0 : all.length - 1];
  if (!next) return true;
  next.focus();
  next.closest("tr, li")?.scrollIntoView({ block: "nearest" });
  const key = keyOf(next);
  if (openKey() && key) tell("tl:open", { key, stay: true });
  return true;
}

function openHere(stay: boolean): boolean {
  const key = keyOf(current());
  if (!key || document.activeElement?.closest(".panel, .menu")) return false;
  tell("tl:open", { key, stay });
  return true;
}

function go(): boolean {
  const link = current();
  if (!link) return false;
  location.assign(link.href);
  return true;
}

function tick(range: boolean): boolean {
  const box = current()?.closest("tr, li")?.querySelector<HTMLInputElement>('input[name="ids"]');
  if (!box) return false;
  box.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: range }));
  return true;
}

function peekOnClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const record = recordAt(link.href);
  if (!record || record.rest !== "" || link.closest(".list, [data-records]") === null || link.closest("tl-grid, tl-board")) return;
  event.preventDefault();
  tell("tl:open", { key: record.key });
}

function mark(key: string | null): void {
  for (const link of links()) {
    const row = link.closest("tr, li");
    if (key !== null && recordAt(link.href)?.key === key) row?.setAttribute("aria-current", "true");
    else row?.removeAttribute("aria-current");
  }
}

function tellSelection(root: Document): void {
  const ids = [...root.querySelectorAll<HTMLInputElement>('input[name="ids"]:checked')].map((one) => one.value);
  tell("tl:selection", { type: facts().kind ?? "", ids });
}

// The list as it is now, in place of the one that stands there; ticks and focus stay.
async function refreshList(root: Document): Promise<void> {
  const old = root.querySelector(".main > .list, .main > .scroll");
  if (!old || old.matches("tl-grid, tl-board")) return;
  const fresh = (await pageAnew())?.querySelector(".main > .list, .main > .scroll");
  if (!fresh) return;
  const focus = keyOf(isRowLink(root.activeElement) ? current() : undefined);
  const ticked = new Set([...root.querySelectorAll<HTMLInputElement>('input[name="ids"]:checked')].map((one) => one.value));
  const scrolled = old.querySelector(".scroll")?.scrollTop ?? 0;
  old.replaceWith(root.importNode(fresh, true));
  for (const box of root.querySelectorAll<HTMLInputElement>('input[name="ids"]')) box.checked = ticked.has(box.value);
  const scroll = root.querySelector(".main > .list > .scroll");
  if (scroll) scroll.scrollTop = scrolled;
  pickRows(root);
  mark(openKey());
  if (focus) links().find((one) => keyOf(one) === focus)?.focus({ preventScroll: true });
}

async function becomeList(root: Document): Promise<void> {
  const [{ listTheFirst }, page] = await Promise.all([import("./first"), pageAnew()]);
  await listTheFirst(root, page, () => (walkRows(root), pickRows(root)));
}

async function pageAnew(): Promise<Document | null> {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}
