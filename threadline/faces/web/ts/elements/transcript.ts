// <tl-transcript>: marks words of a talk by mouse or by keys, and paints what is marked.
// The page is whole without it: turns are text, highlights a list, and a form takes words by hand.

import { bind } from "../parts/keys";
import { canPaint, paint, paintMarks, rangeIn } from "./painting";
import { Picker } from "./picker";
import { occurrences, pointsBefore, sentences } from "./places";

interface Chosen {
  quote: string;
  turn: number;
  start: number;
}

export class Transcript extends HTMLElement {
  private turn = 0;
  private from = -1;
  private to = -1;
  private picker: Picker | null = null;
  private found: Range[] = [];
  private foundAt = -1;
  private busy = false;
  private release: () => void = () => undefined;

  connectedCallback(): void {
    const dialog = this.querySelector<HTMLDialogElement>("#code-picker");
    if (dialog) this.picker = new Picker(dialog);
    this.release = bind("reader", this.handlers());
    document.addEventListener("selectionchange", this.onSelection);
    this.addEventListener("click", this.onClick);
    this.querySelector(".pop")?.addEventListener("mousedown", (event) => event.preventDefault());
    document.querySelector("#find-in")?.addEventListener("input", () => this.search());
    document.querySelector("#find-in")?.addEventListener("keydown", this.onFindKey as EventListener);
    if (canPaint) document.querySelector("#plain-marks")?.remove();
    this.makeClocks();
    this.repaint();
    const wanted = /^#t-(\d+)$/.exec(location.hash);
    if (wanted) this.goTo(Number(wanted[1]), false);
  }

  disconnectedCallback(): void {
    this.release();
    document.removeEventListener("selectionchange", this.onSelection);
  }

  // ---- places ------------------------------------------------------------------------------

  private element(turn: number): HTMLElement | null {
    return this.querySelector<HTMLElement>(`#t-${turn}`);
  }

  private said = (turn: number): HTMLElement | null => this.element(turn)?.querySelector<HTMLElement>(".said") ?? null;

  private get count(): number {
    return this.querySelectorAll(".turn").length;
  }

  private get media(): HTMLMediaElement | null {
    return this.querySelector<HTMLMediaElement>(".player > *");
  }

  private repaint(): void {
    if (!this.dataset["marked"]) paintMarks(this.querySelectorAll<HTMLElement>(".hl"), this.said);
  }

  private say(text: string): void {
    const place = this.querySelector("#reader-says");
    if (place) place.textContent = text;
  }

  // ---- moving ------------------------------------------------------------------------------

  private goTo(turn: number, byKey = true): void {
    const element = this.element(turn);
    if (!element) return;
    this.querySelector(".turn[aria-current]")?.removeAttribute("aria-current");
    this.turn = turn;
    this.from = this.to = -1;
    element.setAttribute("aria-current", "true");
    element.scrollIntoView({ block: "nearest" });
    if (byKey) {
      element.focus({ preventScroll: true });
      getSelection()?.removeAllRanges();
    }
  }

  private step(by: number, extend: boolean): void {
    if (!this.turn) this.goTo(1);
    const said = this.said(this.turn);
    if (!said) return;
    const parts = sentences(said.textContent ?? "");
    if (!parts.length) return;
    if (extend && this.from >= 0) this.to = Math.max(this.from, Math.min(parts.length - 1, this.to + by));
    else {
      const next = this.from < 0 ? (by > 0 ? 0 : parts.length - 1) : (by > 0 ? this.to : this.from) + by;
      if (next < 0 || next >= parts.length) {
        const there = this.turn + by;
        if (!this.element(there)) return;
        this.goTo(there);
        this.step(by, false);
        return;
      }
      this.from = this.to = next;
    }
    this.selectSentences(said, parts);
  }

  private selectSentences(said: HTMLElement, parts: [number, number][]): void {
    const first = parts[this.from];
    const last = parts[this.to];
    if (!first || !last) return;
    const range = rangeIn(said, first[0], said, last[1]);
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    this.say(`${range.toString()} Sentence ${this.to + 1} of ${parts.length}.`);
  }

  // ---- choosing and marking ----------------------------------------------------------------

  private chosen(): Chosen | null {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    const from = closestSaid(range.startContainer, this);
    const to = closestSaid(range.endContainer, this) ?? from;
    const turn = Number(from?.closest<HTMLElement>(".turn")?.dataset["n"]);
    const last = Number(to?.closest<HTMLElement>(".turn")?.dataset["n"]);
    if (!from || !to || !turn || !last) return null;
    const quote = this.words(range, from, turn, last);
    const kept = quote.trim();
    if (!kept) return null;
    const before = document.createRange();
    before.setStart(from, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const units = before.toString().length + (quote.length - quote.trimStart().length);
    return { quote: kept, turn, start: pointsBefore(from.textContent ?? "", units) };
  }

  // Between turns stands what does not belong to what was said: times, names. It is left out.
  private words(range: Range, from: Element, turn: number, last: number): string {
    if (turn === last) return range.toString();
    const parts: string[] = [];
    for (let n = turn; n <= last; n++) {
      const said = this.said(n);
      if (!said) continue;
      const part = document.createRange();
      part.selectNodeContents(said);
      if (said === from) part.setStart(range.startContainer, range.startOffset);
      if (n === last && said.contains(range.endContainer)) part.setEnd(range.endContainer, range.endOffset);
      parts.push(part.toString());
    }
    return parts.join("\n");
  }

  private async mark(code = ""): Promise<void> {
    const chosen = this.chosen() ?? this.wholeTurn();
    if (!chosen || !this.dataset["may"]) return;
    const sent = { act: "highlight", quote: chosen.quote, turn: String(chosen.turn), start: String(chosen.start), codes: code };
    if (await this.send(sent)) {
      getSelection()?.removeAllRanges();
      this.from = this.to = -1;
    }
  }

  private wholeTurn(): Chosen | null {
    const said = this.turn ? this.said(this.turn) : null;
    const quote = said?.textContent?.trim() ?? "";
    return said && quote ? { quote, turn: this.turn, start: 0 } : null;
  }

  private async send(fields: Record<string, string>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      const token = this.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
      const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
      const answer = await fetch(this.dataset["read"] ?? "", { method: "POST", body, headers: { "X-Part": "marks" } });
      const text = await answer.text();
      if (!answer.ok) {
        this.complain(answer.status === 422 ? text : "That could not be saved. Load the page again.");
        return false;
      }
      this.takeIn(text);
      return true;
    } catch {
      this.complain("The server cannot be reached. Nothing was changed.");
      return false;
    } finally {
      this.busy = false;
    }
  }

  private takeIn(html: string): void {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#marks");
    const old = this.querySelector("#marks");
    if (!fresh || !old) return;
    old.replaceWith(document.adoptNode(fresh));
    this.repaint();
    this.say(fresh.querySelector(".note p")?.textContent ?? "");
  }

  private complain(text: string): void {
    const note = document.createElement("div");
    note.className = "note bad";
    note.role = "alert";
    const said = document.createElement("p");
    said.textContent = text;
    note.append(said);
    document.querySelector("#toasts")?.append(note);
    setTimeout(() => note.remove(), 8000);
  }

  // ---- what the hands do -------------------------------------------------------------------

  private handlers(): Record<string, () => void | boolean> {
    const handlers: Record<string, () => void | boolean> = {
      "reader.next": () => this.goTo(Math.min(this.count, this.turn + 1)),
      "reader.previous": () => this.goTo(Math.max(1, this.turn - 1)),
      "reader.sentence": () => this.step(1, false),
      "reader.sentenceback": () => this.step(-1, false),
      "reader.more": () => this.step(1, true),
      "reader.less": () => this.step(-1, true),
      "reader.mark": () => void this.mark(),
      "reader.code": () => (this.dataset["may"] ? this.pick() : false),
      "reader.play": () => (this.media ? this.play(this.turn) : false),
    };
    for (let digit = 1; digit <= 9; digit++) {
      handlers[`reader.code${digit}`] = () => {
        const code = this.codeAt(String(digit));
        if (!code) return false;
        void this.mark(code);
        return undefined;
      };
    }
    return handlers;
  }

  private codeAt(digit: string): string {
    return this.querySelector<HTMLElement>(`[data-digit="${digit}"]`)?.dataset["code"] ?? "";
  }

  private pick(): void {
    const kept = getSelection()?.rangeCount ? getSelection()?.getRangeAt(0).cloneRange() : null;
    this.picker?.open((code) => {
      if (kept) {
        getSelection()?.removeAllRanges();
        getSelection()?.addRange(kept);
      }
      void this.mark(code);
    });
  }

  private onClick = (event: Event): void => {
    const target = event.target instanceof Element ? event.target : null;
    const what = target?.closest<HTMLElement>("[data-do]")?.dataset["do"];
    if (what === "highlight") void this.mark();
    else if (what === "pick") this.pick();
    const jump = target?.closest<HTMLElement>("[data-jump]")?.closest<HTMLElement>(".hl");
    if (jump) this.jumpTo(jump);
    const clock = target?.closest<HTMLElement>("time[role=button]");
    if (clock) this.play(Number(clock.closest<HTMLElement>(".turn")?.dataset["n"]));
    const turn = target?.closest<HTMLElement>(".turn");
    if (turn && getSelection()?.isCollapsed !== false) this.goTo(Number(turn.dataset["n"]), false);
  };

  private jumpTo(item: HTMLElement): void {
    this.querySelector(".hl[aria-current]")?.removeAttribute("aria-current");
    item.setAttribute("aria-current", "true");
    this.goTo(Number(item.dataset["turn"]), false);
  }

  private onSelection = (): void => {
    const pop = this.querySelector<HTMLElement>(".pop");
    if (!pop) return;
    const range = this.dataset["may"] && this.chosen() ? getSelection()?.getRangeAt(0) : undefined;
    pop.hidden = !range;
    if (!range) return;
    const box = range.getBoundingClientRect();
    pop.style.insetBlockStart = `${Math.max(8, box.top - pop.offsetHeight - 8)}px`;
    pop.style.insetInlineStart = `${Math.max(8, Math.min(innerWidth - pop.offsetWidth - 8, box.left))}px`;
  };

  // ---- search and sound --------------------------------------------------------------------

  private search(): void {
    const typed = document.querySelector<HTMLInputElement>("#find-in")?.value.trim() ?? "";
    this.found = [];
    for (const said of typed.length > 1 ? this.querySelectorAll(".said") : []) {
      for (const [start, end] of occurrences(said.textContent ?? "", typed)) this.found.push(rangeIn(said, start, said, end));
    }
    paint("tl-found", this.found);
    this.foundAt = -1;
    paint("tl-now", []);
    if (this.found.length) this.nextFound(1);
    else this.tell(typed.length > 1 ? "not said" : "");
  }

  private nextFound(by: number): void {
    if (!this.found.length) return;
    this.foundAt = (this.foundAt + by + this.found.length) % this.found.length;
    const range = this.found[this.foundAt];
    if (!range) return;
    paint("tl-now", [range]);
    closestSaid(range.startContainer, this)?.closest(".turn")?.scrollIntoView({ block: "center" });
    this.tell(`${this.foundAt + 1} of ${this.found.length}`);
  }

  private tell(text: string): void {
    const place = document.querySelector("#found-in");
    if (place) place.textContent = text;
  }

  private onFindKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.nextFound(event.shiftKey ? -1 : 1);
  };

  private makeClocks(): void {
    if (!this.media) return;
    for (const clock of this.querySelectorAll<HTMLElement>(".turn .who time")) {
      clock.role = "button";
      clock.tabIndex = -1;
      clock.setAttribute("aria-label", `Play from ${clock.textContent}`);
    }
  }

  private play(turn: number): void {
    const media = this.media;
    const at = Number(this.element(turn)?.dataset["a"] ?? NaN);
    if (!media) return;
    if (Number.isNaN(at) || (!media.paused && turn === this.turn)) {
      if (media.paused) void media.play();
      else media.pause();
      return;
    }
    media.currentTime = at / 1000;
    void media.play();
  }
}

function closestSaid(node: Node, within: Element): Element | null {
  const element = node instanceof Element ? node : node.parentElement;
  const said = element?.closest(".said") ?? element?.querySelector(".said") ?? null;
  return said && within.contains(said) ? said : null;
}

customElements.define("tl-transcript", Transcript);
