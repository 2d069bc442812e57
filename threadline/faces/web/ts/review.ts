// The review queue by keyboard: what is confirmed leaves at once and the next one has the focus;
// mending opens the record beside the queue.

import { tell, hear } from "./parts/events";
import { send } from "./parts/fragments";
import { bind } from "./parts/keys";

function cards(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-suspect]")];
}

function here(): HTMLElement | undefined {
  const focused = document.activeElement?.closest<HTMLElement>("[data-suspect]");
  return focused ?? cards()[0];
}

function go(step: 1 | -1): void {
  const all = cards();
  const at = all.indexOf(document.activeElement?.closest<HTMLElement>("[data-suspect]") ?? all[0]!);
  const next = document.activeElement?.closest("[data-suspect]") ? all[at + step] : all[0];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

async function confirm(form: HTMLFormElement): Promise<void> {
  const card = form.closest<HTMLElement>("[data-suspect]");
  if (!card) return;
  const body = new FormData(form);
  const all = cards();
  const place = card.nextSibling;
  const parent = card.parentNode;
  const next = all[all.indexOf(card) + 1] ?? all[all.indexOf(card) - 1];
  card.remove();
  next?.focus();
  try {
    const said = await send(form.action, body);
    tell("tl:toast", { text: `${form.dataset["confirm"]}: ${said.text}`, ...(said.undo ? { undo: said.undo } : {}) });
    if (cards().length === 0) location.reload(); // further ones, or the empty queue
  } catch (error) {
    parent?.insertBefore(card, place?.parentNode === parent ? place : null);
    tell("tl:toast", { text: (error as Error).message, tone: "bad", action: { label: "Retry", run: () => void confirm(form) } });
  }
}

function count(): void {
  const chosen = document.querySelectorAll("[data-choose]:checked").length;
  const shown = document.querySelector("[data-chosen]");
  if (shown) shown.textContent = `${chosen} chosen`;
}

const root = document.querySelector<HTMLElement>("[data-review]");
if (root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset["confirm"] === undefined) return;
    event.preventDefault();
    void confirm(form);
  });
  root.addEventListener("change", count);
  root.addEventListener("click", (event) => {
    const mend = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-mend]") : null;
    if (!mend || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    tell("tl:open", { key: mend.dataset["mend"] ?? "", path: "edit" });
  });
  root.addEventListener("toggle", (event) => {
    const details = event.target instanceof HTMLDetailsElement ? event.target : null;
    if (details?.open) details.querySelector("textarea")?.focus();
  }, { capture: true });
  const press = (what: string) => (): boolean => {
    const target = here()?.querySelector<HTMLElement>(what);
    target?.click();
    return target !== null && target !== undefined;
  };
  bind("review", {
    "review.next": () => go(1),
    "review.previous": () => go(-1),
    "review.confirm": press("[data-confirm] button"),
    "review.mend": press("[data-mend]"),
    "review.ask": press("details summary"),
    "review.choose": press("[data-choose]"),
  });
  hear("tl:changed", ({ keys }) => {
    for (const card of cards()) if (keys.includes(card.querySelector("[data-mend]")?.getAttribute("data-mend") ?? "")) card.classList.add("mended");
  });
}
