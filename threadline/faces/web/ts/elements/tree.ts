// <tl-tree>: steps over a tree by keys, adds under a node, moves by keys or by drag. Links and forms
// of the page do the same without it.

import { askJson } from "../parts/asking";
import { bind } from "../parts/keys";

class Tree extends HTMLElement {
  private held: HTMLElement | null = null; // a list item
  private places: Record<string, string[]> = {}; // which kinds may stand under which

  connectedCallback(): void {
    this.places = JSON.parse(this.dataset["places"] ?? "{}") as Record<string, string[]>;
    const step = (to: (item: HTMLElement) => HTMLElement | null | undefined) => (): void | boolean => this.go(to);
    bind(
      "tree",
      {
        "tree.down": step((item) => this.items()[this.items().indexOf(item) + 1]),
        "tree.up": step((item) => this.items()[this.items().indexOf(item) - 1]),
        "tree.in": step((item) => item.querySelector<HTMLElement>("li[data-key]")),
        "tree.out": step((item) => item.parentElement?.closest<HTMLElement>("li[data-key]")),
        "tree.add": () => this.add(),
        "tree.move": () => this.pickOrPut(),
        "tree.leave": () => this.leave(),
      },
      { within: this },
    );
    if (!this.dataset["may"]) return;
    // Whoever opens the form writes in it next.
    this.addEventListener("toggle", (event) => event.target instanceof HTMLDetailsElement && event.target.open && intoForm(event.target), true);
    this.addEventListener("dragstart", (event) => this.lift(itemOf(event.target), event));
    this.addEventListener("dragend", () => this.letGo());
    this.addEventListener("dragover", (event) => this.over(event));
    this.addEventListener("drop", (event) => this.drop(event));
  }

  private items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("li[data-key]")];
  }

  private here(): HTMLElement | null {
    const at = document.activeElement;
    return at instanceof HTMLElement && this.contains(at) && !at.closest("form") ? itemOf(at) : null;
  }

  private go(to: (item: HTMLElement) => HTMLElement | null | undefined): void | boolean {
    const item = this.here() ?? null;
    if (document.activeElement instanceof HTMLElement && document.activeElement.closest("form, details")) return false;
    const next = item ? to(item) : this.items()[0];
    if (!next) return item ? undefined : false;
    const title = titleOf(next);
    title?.focus();
    title?.scrollIntoView({ block: "nearest", inline: "nearest" });
    return undefined;
  }

  private add(): void | boolean {
    const more = this.here()?.querySelector<HTMLDetailsElement>(":scope > .tree-node > details");
    if (!more?.querySelector("form")) return false;
    more.open = true;
    intoForm(more);
    return undefined;
  }

  private pickOrPut(): void | boolean {
    const item = this.here();
    if (!item || !this.dataset["may"]) return false;
    if (this.held) void this.put(item);
    else if (this.pick(item)) this.say(`${item.dataset["key"]} is picked up. Step to where it belongs and press M, or Escape to put it back.`);
    else this.say("That has its place; it cannot be moved.");
    return undefined;
  }

  private leave(): void | boolean {
    const item = this.held;
    if (item) {
      this.letGo();
      this.say(`${item.dataset["key"]} stays where it was.`);
      return undefined;
    }
    const open = document.activeElement instanceof HTMLElement ? document.activeElement.closest<HTMLDetailsElement>("details.tree-more") : null;
    if (!open) return false;
    open.open = false;
    titleOf(itemOf(open))?.focus();
    return undefined;
  }

  private pick(item: HTMLElement | null): boolean {
    if (!item || !this.places[item.dataset["kind"] ?? ""]) return false;
    this.held = item;
    nodeOf(item)?.classList.add("held");
    return true;
  }

  private lift(item: HTMLElement | null, event: DragEvent): void {
    if (this.pick(item)) event.dataTransfer?.setData("text/plain", item?.dataset["key"] ?? "");
  }

  private letGo(): void {
    if (this.held) nodeOf(this.held)?.classList.remove("held");
    this.held = null;
    for (const node of this.querySelectorAll(".tree-node.over")) node.classList.remove("over");
  }

  private fits(item: HTMLElement | null): item is HTMLElement {
    if (!item || !this.held || this.held.contains(item)) return false;
    return (this.places[this.held.dataset["kind"] ?? ""] ?? []).includes(item.dataset["kind"] ?? "");
  }

  private over(event: DragEvent): void {
    const item = itemOf(event.target);
    for (const node of this.querySelectorAll(".tree-node.over")) node.classList.remove("over");
    if (!this.fits(item)) return;
    event.preventDefault();
    nodeOf(item)?.classList.add("over");
  }

  private drop(event: DragEvent): void {
    event.preventDefault();
    void this.put(itemOf(event.target));
  }

  private async put(item: HTMLElement | null): Promise<void> {
    const held = this.held;
    if (!held) return;
    if (!this.fits(item)) {
      this.letGo();
      this.say("It cannot stand there.");
      return;
    }
    const answer = await this.send({ act: "move", what: held.dataset["key"] ?? "", under: item.dataset["key"] ?? "" });
    this.letGo();
    if (!answer) {
      this.say("It could not be moved. Load the page again.");
      return;
    }
    sessionStorage.setItem("tree-at", held.dataset["key"] ?? "");
    location.reload(); // its findings and those of both places may differ now
  }

  private async send(fields: Record<string, string>): Promise<boolean> {
    const token = this.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    try {
      const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
      return (await fetch(this.dataset["address"] ?? "", { method: "POST", body })).ok;
    } catch {
      return false;
    }
  }

  private say(text: string): void {
    const place = this.querySelector("#tree-says");
    if (place) place.textContent = text;
  }
}

function itemOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("li[data-key]") : null;
}

function nodeOf(item: HTMLElement): HTMLElement | null {
  return item.querySelector<HTMLElement>(":scope > .tree-node");
}

function titleOf(item: HTMLElement | null): HTMLElement | null {
  return item?.querySelector<HTMLElement>(":scope > .tree-node > a") ?? null;
}

function intoForm(more: HTMLElement): void {
  more.querySelector<HTMLElement>("select, input[name=title]")?.focus();
}

customElements.define("tl-tree", Tree);

// How an opportunity's words read, while they are typed: a need, or a feature in disguise.
const PAUSE = 250;
let timer = 0;
let asked = new AbortController();

async function judge(form: HTMLFormElement, place: Element): Promise<void> {
  asked.abort();
  asked = new AbortController();
  const given = new FormData(form);
  const phrased = given.get("kind") === "opportunity" ? String(given.get("title") ?? "") : "";
  if (!phrased.trim()) return void (place.textContent = "");
  const to = new URL(form.action);
  to.searchParams.set("phrased", phrased);
  const told = await askJson<{ said: string }>(to.href, asked.signal).catch(() => null);
  if (told && place.textContent !== told.said) place.textContent = told.said;
}

document.addEventListener("input", (event) => {
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  const place = form?.querySelector("[data-said]");
  if (!form || !place) return;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void judge(form, place), PAUSE);
});

const back = sessionStorage.getItem("tree-at");
if (back) {
  sessionStorage.removeItem("tree-at");
  document.querySelector<HTMLElement>(`li[data-key="${CSS.escape(back)}"] > .tree-node > a`)?.focus();
}
