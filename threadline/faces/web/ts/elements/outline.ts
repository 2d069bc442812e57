// <tl-outline>: the requirements of a feature by keys. Every deed is a form of the page, sent in the background;
// what leaves a sentence open is the server's word, asked for while one types.

import { askJson } from "../parts/asking";
import { bind } from "../parts/keys";

interface Mark {
  words: string;
  kind: string;
  tone: string;
  advice: string;
}
interface Clarity {
  pattern: string;
  marks: Mark[];
}
const INWARD = 64; // pixels to the right of a line's own place, from which it is meant as a part
const PAUSE = 250; // milliseconds without a key before the sentence is looked at

class Outline extends HTMLElement {
  private timer = 0;
  private held: HTMLElement | null = null; // the row that is dragged
  private asked: AbortController | null = null;
  private busy: Promise<void> = Promise.resolve();

  connectedCallback(): void {
    if (!this.dataset["may"]) return;
    this.addEventListener("input", (event) => this.look(event.target));
    this.addEventListener("change", (event) => this.keep(event.target));
    this.addEventListener("submit", this.send);
    this.addEventListener("dragstart", (event) => this.lift(event));
    this.addEventListener("dragover", (event) => this.over(event));
    this.addEventListener("drop", (event) => this.drop(event));
    this.addEventListener("dragend", () => this.letGo());
    bind(
      "outline",
      {
        "outline.new": () => this.onLine((line) => this.next(line)),
        "outline.in": () => this.onLine((line) => this.act(line, "in")),
        "outline.out": () => this.onLine((line) => this.act(line, "out")),
        "outline.up": () => this.onLine((line) => this.act(line, "up")),
        "outline.down": () => this.onLine((line) => this.act(line, "down")),
        "outline.before": () => this.onLine((line) => this.step(line, -1)),
        "outline.after": () => this.onLine((line) => this.step(line, 1)),
        "outline.leave": () => this.onLine((line) => line.closest("li")?.querySelector<HTMLElement>(".outline-foot a")?.focus()),
      },
      { within: this, typing: true },
    );
  }

  private onLine(run: (line: HTMLTextAreaElement) => void | boolean): void | boolean {
    const line = document.activeElement;
    if (!(line instanceof HTMLTextAreaElement) || !line.matches("[data-line], [data-new]")) return false;
    return run(line);
  }

  // Enter: what stands in the line is kept, and an empty line opens after it.
  private next(line: HTMLTextAreaElement): void | boolean {
    if (line.matches("[data-new]")) {
      line.form?.requestSubmit();
      return undefined;
    }
    const row = line.closest<HTMLElement>("li");
    const fresh = this.querySelector<HTMLTextAreaElement>("[data-new]");
    const form = fresh?.form;
    if (!row || !fresh || !form) return false;
    this.keep(line);
    let after = form.querySelector<HTMLInputElement>("[name=after]");
    if (!after) {
      after = Object.assign(document.createElement("input"), { type: "hidden", name: "after" });
      form.append(after);
    }
    after.value = row.dataset["key"] ?? "";
    row.after(form);
    fresh.focus();
    return undefined;
  }

  private step(line: HTMLTextAreaElement, by: number): boolean {
    const edge = by < 0 ? line.selectionStart === 0 : line.selectionEnd === line.value.length;
    if (!edge) return false;
    const lines = [...this.querySelectorAll<HTMLTextAreaElement>("[data-line], [data-new]")];
    const there = lines[lines.indexOf(line) + by];
    there?.focus();
    return there !== undefined;
  }

  private act(line: HTMLTextAreaElement, act: string): void | boolean {
    if (line.matches("[data-new]")) return false;
    const form = line.form;
    if (!form) return false;
    this.keep(line);
    const body = new FormData(form);
    body.set("act", act);
    this.post(body, line.value.length);
    return undefined;
  }

  private lift(event: DragEvent): void {
    const grip = event.target instanceof Element ? event.target.closest("[data-grip]") : null;
    this.held = grip?.closest<HTMLElement>(".outline-row") ?? null;
    if (!this.held || !event.dataTransfer) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", this.held.dataset["key"] ?? "");
    event.dataTransfer.setDragImage(this.held, 12, 12);
    this.held.classList.add("held");
  }

  // Upper half: before it. Lower half: after it, or well to the right: as a part of it.
  private place(event: DragEvent): { row: HTMLElement; how: string } | null {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>(".outline-row") : null;
    const line = row?.querySelector(".outline-line");
    if (!row || !line || !this.held || row === this.held) return null;
    const box = row.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) return { row, how: "before" };
    return { row, how: event.clientX > line.getBoundingClientRect().left + INWARD ? "in" : "after" };
  }

  private over(event: DragEvent): void {
    const there = this.place(event);
    this.unmark();
    if (!there) return;
    event.preventDefault();
    there.row.classList.add(`drop-${there.how}`);
  }

  private drop(event: DragEvent): void {
    const there = this.place(event);
    const form = this.held?.querySelector<HTMLFormElement>(".outline-form");
    this.letGo();
    if (!there || !form) return;
    event.preventDefault();
    const body = new FormData(form);
    body.set("act", "place");
    body.set("near", there.row.dataset["key"] ?? "");
    body.set("how", there.how);
    this.post(body, 0);
  }

  private letGo(): void {
    this.held?.classList.remove("held");
    this.held = null;
    this.unmark();
  }

  private unmark(): void {
    for (const row of this.querySelectorAll(".outline-row")) row.classList.remove("drop-before", "drop-after", "drop-in");
  }

  private keep(target: EventTarget | null): void {
    if (!(target instanceof HTMLTextAreaElement) || !target.matches("[data-line]") || !target.form) return;
    if (target.value.trim() === target.defaultValue.trim() || target.value.trim() === "") return;
    target.defaultValue = target.value;
    const body = new FormData(target.form);
    body.set("act", "save");
    this.post(body, -1);
  }

  private send = (event: SubmitEvent): void => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches(".outline-form, .outline-new")) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    this.post(body, 0, form.matches(".outline-new") ? form : undefined);
  };

  // One after the other: each answer is the whole tree, and the next deed needs the versions it brings.
  private post(body: FormData, caret: number, adding?: HTMLFormElement): void {
    this.busy = this.busy.then(async () => {
      const key = String(body.get("key") ?? "");
      const version = key ? this.querySelector<HTMLInputElement>(`#${CSS.escape(key)} [name=version]`)?.value : "";
      if (version) body.set("version", version);
      let text = "";
      let ok = false;
      try {
        const answer = await fetch(this.dataset["address"] ?? "", { method: "POST", body, headers: { "X-Part": "outline" } });
        text = await answer.text();
        ok = answer.ok || answer.status === 422;
      } catch {
        ok = false;
      }
      if (!ok) return this.say("It could not be kept. Somebody may have changed it: load the page again.");
      this.draw(text, caret, adding);
    });
  }

  private draw(text: string, caret: number, adding?: HTMLFormElement): void {
    const found = new DOMParser().parseFromString(text, "text/html").querySelector<HTMLElement>("[data-tree]");
    const old = this.querySelector<HTMLElement>("[data-tree]");
    if (!found || !old) return this.say("It could not be kept. Load the page again.");
    const refused = found.querySelector("[role=alert]") !== null;
    const active = document.activeElement;
    const at = active instanceof HTMLTextAreaElement && this.contains(active) ? active : null;
    const held = at && { id: at.id, value: at.value, changed: at.value !== at.defaultValue, start: at.selectionStart, end: at.selectionEnd };
    const form = this.querySelector<HTMLFormElement>(".outline-new");
    const after = form?.querySelector<HTMLInputElement>("[name=after]")?.value ?? "";
    const moved = document.importNode(found, true);
    if (form && old.contains(form)) old.after(form);
    old.replaceWith(moved);
    this.querySelector("[data-none]")?.remove();
    const key = moved.dataset["focus"] ?? "";
    if (form && adding && !refused) {
      const fresh = form.querySelector<HTMLTextAreaElement>("[data-new]");
      if (fresh) fresh.value = "";
      form.querySelector("[data-marks]")?.replaceChildren();
      const value = form.querySelector<HTMLInputElement>("[name=after]");
      if (value) {
        value.value = key;
        moved.querySelector(`#${CSS.escape(key)}`)?.after(form);
      }
      fresh?.focus();
      this.say(`${key} is here.`);
      return;
    }
    if (form && after) moved.querySelector(`#${CSS.escape(after)}`)?.after(form);
    const line = held ? this.querySelector<HTMLTextAreaElement>(`#${CSS.escape(held.id)}`) : null;
    if (held && line) {
      if (held.changed) line.value = held.value;
      line.focus();
      line.setSelectionRange(held.start, held.end);
    }
    if (caret >= 0 && key) this.say(`${key} stands at ${moved.querySelector(`#${CSS.escape(key)} .path`)?.textContent ?? ""}.`);
  }

  private look(target: EventTarget | null): void {
    if (!(target instanceof HTMLTextAreaElement) || !target.matches("[data-line], [data-new]")) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.judge(target), PAUSE);
  }

  private async judge(line: HTMLTextAreaElement): Promise<void> {
    this.asked?.abort();
    this.asked = new AbortController();
    const said = await askJson<Clarity>(`${this.dataset["clarity"]}?${new URLSearchParams({ text: line.value })}`, this.asked.signal).catch(() => null);
    const row = line.closest("li") && line.matches("[data-line]") ? line.closest("li") : line.form;
    const place = row?.querySelector("[data-marks]");
    if (!said || !place) return;
    const pattern = row?.querySelector("[data-pattern]");
    if (pattern) pattern.textContent = said.pattern;
    place.replaceChildren(...(said.marks.length ? [listOf(said.marks)] : []));
  }

  private say(text: string): void {
    const place = this.querySelector("[data-says]");
    if (place) place.textContent = text;
  }
}

function listOf(marks: Mark[]): HTMLElement {
  const list = Object.assign(document.createElement("ul"), { className: "open-words", ariaLabel: "What leaves it open" });
  for (const one of marks) {
    const item = document.createElement("li");
    item.append(
      Object.assign(document.createElement("span"), { className: `chip ${one.tone}`, textContent: one.kind }),
      " ",
      ...(one.words ? [Object.assign(document.createElement("b"), { textContent: one.words }), " "] : []),
      Object.assign(document.createElement("span"), { className: "sub", textContent: one.advice }),
    );
    list.append(item);
  }
  return list;
}

customElements.define("tl-outline", Outline);
