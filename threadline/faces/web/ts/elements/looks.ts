// How a list is looked at, said by the address, and kept as one's own draft of the view it departs
// from. What the server draws and what an island changes agree because both say it like this.

import { effect } from "@preact/signals-core";
import { bare, send } from "../parts/fragments";
import type { Store } from "../store/store";
import type { Boot } from "../store/types";

const WAIT = 900; // until somebody has finished typing

export interface Looks {
  query: string;
  columns: string[];
  layout: string;
}

// What differs from the view as it is saved, as it stands in the address.
export function differing(boot: Boot, now: Looks): Record<string, string> {
  const found: Record<string, string> = {};
  if (now.query.trim() !== boot.view.query) found["q"] = now.query;
  if (shown(now.columns).join() !== shown(boot.view.columns).join()) found["columns"] = now.columns.join(",");
  if (now.layout !== boot.view.layout) found["as"] = now.layout;
  return found;
}

// The title is always there, whether it is named or not.
function shown(columns: string[]): string[] {
  return columns.filter((name) => name !== "title");
}

export function addressOf(boot: Boot, now: Looks, from: string): URL {
  const to = new URL(from);
  for (const name of ["q", "columns", "as", "cursor"]) to.searchParams.delete(name);
  for (const [name, value] of Object.entries(differing(boot, now))) to.searchParams.set(name, value);
  return to;
}

// The address, what leads elsewhere, and the draft keep up with what is shown.
export function keepLooks(store: Store): () => void {
  const { boot } = store;
  let kept = JSON.stringify(lookOf(store));
  let timer = 0;
  const keep = (now: Looks): void => {
    clearTimeout(timer);
    if (boot.view.id === "" || JSON.stringify(now) === kept) return;
    timer = window.setTimeout(() => void keepDraft(boot, now).then(() => (kept = JSON.stringify(now)), () => undefined), WAIT);
  };
  // A page that was opened on a changed view, by a link of a menu say, is a draft already.
  if (document.querySelector("#draft[data-changed]")) kept = "";
  const stop = effect(() => {
    const now = lookOf(store);
    const to = addressOf(boot, now, location.href);
    if (to.href !== location.href) history.replaceState(history.state, "", to);
    keepLinks(boot, now);
    showDraft(boot, now);
    keep(now);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function lookOf(store: Store): Looks {
  const { boot } = store;
  // A board groups what does not say how; that is no change of the view.
  const text = store.text.value;
  return { query: text === boot.query ? boot.asked : text, columns: store.columns.value, layout: boot.layout };
}

async function keepDraft(boot: Boot, now: Looks): Promise<void> {
  const body = bare();
  for (const [name, value] of Object.entries(asSent(now))) body.set(name, value);
  await send(`${boot.base}views/${boot.view.id}/draft`, body);
}

function asSent(now: Looks): Record<string, string> {
  return { query: now.query, columns: now.columns.join(","), layout: now.layout };
}

// The mark on the tab, and the line that offers to save it or let go of it.
function showDraft(boot: Boot, now: Looks): void {
  const line = document.getElementById("draft");
  if (!line) return;
  const changed = Object.keys(differing(boot, now)).length > 0;
  if (changed) line.querySelector("[data-earlier]")?.remove();
  line.toggleAttribute("data-changed", changed);
  line.hidden = !changed && line.querySelector("[data-earlier]") === null;
  const tab = document.querySelector<HTMLAnchorElement>(`.tabs a[data-view="${boot.view.id}"]`);
  tab?.toggleAttribute("data-draft", changed || line.querySelector("[data-earlier]") !== null);
  const mark = tab?.querySelector<HTMLElement>(".mark");
  if (mark) mark.hidden = !tab?.hasAttribute("data-draft");
}

// What leads elsewhere takes along what is asked for now: the other layout, print and export, and
// the forms that save a view.
function keepLinks(boot: Boot, now: Looks): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".layouts a[data-name]")) {
    link.href = addressOf(boot, { ...now, layout: link.dataset["name"] ?? now.layout }, location.href.split("#")[0] ?? "").href;
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>("#more-menu a[href*='/export.']")) {
    const to = new URL(link.href);
    to.searchParams.set("q", now.query);
    to.searchParams.set("columns", now.columns.join(","));
    link.href = to.href;
  }
  const print = document.querySelector<HTMLAnchorElement>("#more-menu a[href*='print=1']");
  if (print) {
    const to = addressOf(boot, now, print.href);
    to.searchParams.set("print", "1");
    print.href = to.href;
  }
  for (const form of document.querySelectorAll<HTMLFormElement>("#save-view form, #draft form")) {
    for (const [name, value] of Object.entries(asSent(now))) {
      const box = form.elements.namedItem(name);
      if (box instanceof HTMLInputElement) box.value = value;
    }
  }
}
