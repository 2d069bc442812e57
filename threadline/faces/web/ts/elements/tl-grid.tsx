// <tl-grid>: the table of any record type, taken over from the server where it stands. Until
// all rows are here, and without a script, the server's own table does the work.

import { effect } from "@preact/signals-core";
import { render } from "preact";
import { listen } from "../store/live";
import { namesOf, serverOf } from "../store/server";
import { Store } from "../store/store";
import type { Boot } from "../store/types";
import { Status } from "./grid/bar";
import { Dialogs } from "./grid/dialogs";
import { bind, type Handlers } from "../parts/keys";
import { handlers, onCopy, onPaste, press, type Screen } from "./grid/keys";
import { Model } from "./grid/model";
import { Table, type Hands } from "./grid/table";
import { dragRow } from "./grid/ranking";
import { keepLooks } from "./looks";
import { followMenus } from "./menus";
import { hear, tell } from "../parts/events";

const USUAL: Record<string, number> = { title: 380, number: 100, money: 110, date: 100, moment: 100, choice: 120, flag: 80, person: 150, product: 140, tags: 180, reference: 200, cite: 220, markdown: 280 };
const NARROW = 640;

export class TlGrid extends HTMLElement {
  private stops: (() => void)[] = [];
  private model!: Model;
  private scroller!: HTMLElement;
  private measured: Record<string, number> = {};
  private mostOf = new Map<string, { revision: number; most: number }>();
  private focusing = false;
  private tick = 40;

  connectedCallback(): void {
    const text = document.getElementById("island")?.textContent;
    const scroller = this.querySelector<HTMLElement>(".scroll");
    if (!text || !scroller || this.stops.length > 0) return;
    this.scroller = scroller;
    const boot = JSON.parse(text) as Boot;
    const store = new Store(boot, serverOf(boot));
    this.model = new Model(store);
    this.stops.push(listen(boot.slug, document.documentElement.dataset["events"] ?? "", () => void store.hear()));
    void Promise.all([namesOf(boot), store.start()]).then(() => this.take()).catch((error: unknown) => (console.error(error), (this.dataset["plain"] = ""), this.stop()));
  }

  disconnectedCallback(): void {
    this.stop();
  }

  private stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  // From the server's table to ours, in one step: same widths, same rows, no jump.
  private take(): void {
    const { model, scroller } = this;
    for (const head of scroller.querySelectorAll<HTMLElement>("thead th[data-column]")) this.measured[head.dataset["column"] ?? ""] = head.getBoundingClientRect().width;
    this.tick = scroller.querySelector("thead .tick")?.getBoundingClientRect().width ?? 40;
    const tops = scroller.scrollTop;
    const status = document.createElement("div");
    const beneath = document.createElement("div");
    document.querySelector(".pager")?.replaceWith(status);
    if (!status.isConnected) this.after(status);
    for (const old of this.querySelectorAll(".bulk")) old.remove();
    this.append(beneath);
    scroller.replaceChildren();
    scroller.classList.add("grid-scroll");
    scroller.removeAttribute("tabindex");
    const fit = (): void => {
      model.narrow.value = scroller.clientWidth < NARROW;
      model.usual.value = parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10) || model.usual.peek();
      model.shown.value = Math.ceil(Math.min(scroller.clientHeight, innerHeight) / model.height.peek()) + 1;
    };
    const size = new ResizeObserver(fit);
    size.observe(scroller);
    fit();
    this.listen();
    model.store.looking = () => [...scroller.querySelectorAll<HTMLElement>("tr[data-n]")].map((row) => Number(row.dataset["n"]));
    const hands = this.hands();
    this.stops.push(
      () => size.disconnect(),
      effect(() => {
        render(<Table model={model} hands={hands} />, scroller);
        this.keepFocus();
      }),
      effect(() => {
        render(<Status model={model} />, status);
      }),
      effect(() => {
        render(<Dialogs model={model} />, beneath);
      }),
      effect(() => void this.toggleAttribute("data-busy", model.store.writes.pending.value.length > 0)),
      keepLooks(model.store),
      effect(() => this.follow()),
      followMenus(this.model),
    );
    scroller.scrollTop = tops;
    this.dataset["ready"] = "";
  }

  private hands(): Hands {
    const { model } = this;
    return {
      pick: ["update", "archive", "decide"].some((verb) => model.store.boot.may[verb]),
      tick: this.tick,
      onTick: (event, n) => model.toggle(n, event.shiftKey),
      onEnd: (move) => {
        model.editing.value = null;
        const { line, col } = model.spot.peek();
        if (move === "down") model.go(line + 1, col);
        else if (move !== "stay") model.go(line, col + (move === "right" ? 1 : -1));
        this.focus();
      },
      width: (name) => model.widths.value[name] ?? this.measured[name] ?? USUAL[name] ?? USUAL[model.store.field(name)?.kind ?? ""] ?? 140,
      resize: (event, name) => this.resize(event, name),
      most: (name) => this.most(name),
    };
  }

  private most(name: string): number {
    const { store } = this.model;
    const revision = store.revision.peek();
    const kept = this.mostOf.get(name);
    if (kept?.revision === revision) return kept.most;
    let most = 0;
    for (const row of store.rows.values()) if (Number(row[name]) > most) most = Number(row[name]);
    this.mostOf.set(name, { revision, most });
    return most;
  }

  // ---- hands ----

  private listen(): void {
    const { scroller, model } = this;
    const screen: Screen = {
      page: () => Math.floor(scroller.clientHeight / model.height.peek()),
      open: (key) => this.open(key),
      peek: (key) => (model.opened.peek() === key ? tell("tl:close", {}) : this.open(key, true)),
      openHead: (name) => (model.head.value = name),
      sight: () => this.bringIntoSight(),
      single: document.documentElement.dataset["keys"] !== "off",
    };
    const names = handlers(model, screen);
    // From elsewhere on the page the first step only takes up the row where the cursor is.
    const from = (name: string): Handlers => ({ [name]: (event) => (this.here() ? names.list[name]?.(event) : this.takeUp()) });
    const outside = { ...names.list, ...from("list.next"), ...from("list.previous") };
    this.stops.push(bind("grid", names.grid, { within: this }), bind("list", names.list, { within: this }), bind("list", outside));
    let waiting = false;
    scroller.addEventListener(
      "scroll",
      () => {
        if (waiting) return;
        waiting = true;
        requestAnimationFrame(() => {
          waiting = false;
          this.scrolled();
        });
      },
      { passive: true },
    );
    scroller.addEventListener("keydown", (event) => {
      const box = event.target instanceof Element ? event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [role=menu], .mending, button, thead") : null;
      if (event.defaultPrevented || box || event.isComposing) return;
      this.focusing = true;
      if (press(model, event, screen)) {
        event.preventDefault();
        event.stopPropagation();
        this.bringIntoSight();
      }
    });
    scroller.addEventListener("mousedown", (event) => this.down(event));
    scroller.addEventListener("pointerdown", (event) => this.lift(event));
    scroller.addEventListener("dblclick", (event) => {
      if (this.spotOf(event.target)) model.edit();
    });
    scroller.addEventListener("click", (event) => this.clicked(event));
    scroller.addEventListener("copy", (event) => model.editing.peek() === null && onCopy(model, event));
    scroller.addEventListener("paste", (event) => model.editing.peek() === null && onPaste(model, event));
    const online = (): void => void (model.store.writes.wake(), model.store.hear());
    const seen = (): void => void (document.visibilityState === "visible" && model.store.hear());
    const stopHearing = hear("tl:changed", seen);
    this.stops.push(
      hear("tl:step", ({ from, by }) => this.step(from, by)),
      hear("tl:opened", ({ key }) => (model.opened.value = key)),
      effect(() => {
        const keys = [...model.store.changedBy.value.keys()].map((n) => `${model.store.boot.prefix}-${n}`);
        if (keys.length > 0) tell("tl:changed", { keys });
      }),
    );
    addEventListener("online", online);
    document.addEventListener("visibilitychange", seen);
    this.stops.push(() => {
      removeEventListener("online", online);
      document.removeEventListener("visibilitychange", seen);
      stopHearing();
    });
  }

  private scrolled(): void {
    const { model, scroller } = this;
    const first = Math.floor(scroller.scrollTop / model.height.peek());
    // A few lines are drawn beyond what is seen: not every pixel needs a new drawing.
    if (Math.abs(first - model.first.peek()) >= 4 || first === 0) model.first.value = first;
    if (model.store.windowed.peek()) model.store.windows?.look(first, first + model.shown.peek());
  }

  private spotOf(target: EventTarget | null): { line: number; col: number } | null {
    const cell = target instanceof Element ? target.closest<HTMLElement>("[data-col]") : null;
    const row = cell?.closest<HTMLElement>("tr");
    if (!cell || !row) return null;
    return { line: Number(row.getAttribute("aria-rowindex")) - 2, col: Number(cell.dataset["col"]) };
  }

  private lift(event: PointerEvent): void {
    const row = event.target instanceof Element ? event.target.closest(".row-grip")?.closest<HTMLElement>("tr[data-n]") : null;
    if (!row || event.button !== 0) return;
    event.preventDefault();
    dragRow(this.model, this.scroller, event, Number(row.getAttribute("aria-rowindex")) - 2, (line) => this.model.go(line, this.model.spot.peek().col));
  }

  private down(event: MouseEvent): void {
    const at = this.spotOf(event.target);
    if (at === null || event.button !== 0 || (event.target as Element).closest("input, .menu, .mending, .row-grip")) return;
    this.focusing = true;
    this.model.go(at.line, at.col, event.shiftKey);
    if (event.shiftKey) event.preventDefault();
  }

  private clicked(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-open]") : null;
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      this.open(link.dataset["open"] ?? "");
    }
  }

  // Beside the page, or on its own page where there is no room; the page knows which.
  private open(key: string, stay = false): void {
    tell("tl:open", { key, stay });
  }

  private step(from: string, by: 1 | -1): void {
    const { model } = this;
    const line = model.store.view.peek().lineOf(Number(from.slice(from.lastIndexOf("-") + 1)));
    if (line < 0) return;
    model.go(line + by, model.spot.peek().col);
    this.bringIntoSight();
    const row = model.row();
    if (row) this.open(model.key(row), document.activeElement?.closest(".panel") === null);
  }

  private here(): boolean {
    return this.contains(document.activeElement);
  }

  private takeUp(): void {
    this.focus();
    this.bringIntoSight();
  }

  override focus(): void {
    this.focusing = true;
    this.keepFocus();
  }

  // The cell with the cursor has the focus whenever the grid has it, through every drawing.
  private keepFocus(): void {
    const { model, scroller } = this;
    const active = document.activeElement;
    const lost = active === document.body || active === null;
    if (model.editing.peek() !== null || model.head.peek() !== null || !this.focusing) return;
    if (!lost && active !== null && !scroller.contains(active)) {
      this.focusing = false;
      return;
    }
    if (active instanceof Element && active.closest("input, button, .mending, dialog")) return;
    const spot = scroller.querySelector<HTMLElement>("#grid-spot");
    if (spot && spot !== active) spot.focus({ preventScroll: true });
  }

  private bringIntoSight(): void {
    const { model, scroller } = this;
    const height = model.height.peek();
    const { line } = model.spot.peek();
    const head = scroller.querySelector("thead")?.getBoundingClientRect().height ?? 0;
    const top = line * height;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + height > scroller.scrollTop + scroller.clientHeight - head - 2) scroller.scrollTop = top + height - scroller.clientHeight + head + 2;
    this.scrolled();
    const cell = scroller.querySelector<HTMLElement>("#grid-spot");
    const box = cell?.getBoundingClientRect();
    const frame = scroller.getBoundingClientRect();
    const pinned = scroller.querySelector<HTMLElement>("tbody th[scope=row]")?.getBoundingClientRect();
    const left = pinned && cell?.tagName !== "TH" && !model.narrow.peek() ? pinned.right : frame.left;
    if (box && box.right > frame.right) scroller.scrollLeft += box.right - frame.right;
    else if (box && cell?.tagName === "TD" && box.left < left) scroller.scrollLeft -= left - box.left;
  }

  private resize(event: PointerEvent, name: string): void {
    event.preventDefault();
    event.stopPropagation();
    const grip = event.currentTarget as HTMLElement;
    const from = event.clientX;
    const width = this.model.widths.peek()[name] ?? grip.parentElement?.getBoundingClientRect().width ?? 140;
    grip.setPointerCapture(event.pointerId);
    const move = (e: PointerEvent): void => this.model.setWidth(name, width + e.clientX - from);
    const up = (): void => {
      grip.removeEventListener("pointermove", move);
      grip.removeEventListener("pointerup", up);
      grip.removeEventListener("pointercancel", up);
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", up);
    grip.addEventListener("pointercancel", up);
  }

  // ---- the filter says what is shown ----

  private follow(): void {
    const text = this.model.store.text.value;
    const box = document.querySelector<HTMLInputElement>("#query");
    if (box && box !== document.activeElement && box.value !== text) box.value = text;
  }
}
