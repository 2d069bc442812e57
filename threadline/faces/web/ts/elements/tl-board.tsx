// <tl-board>: the records of a list as cards in columns, over the same store as the grid.

import { effect } from "@preact/signals-core";
import { render, type JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { hear, tell } from "../parts/events";
import { bind } from "../parts/keys";
import { listen } from "../store/live";
import { withPart } from "../store/query";
import { namesOf, serverOf } from "../store/server";
import { Store } from "../store/store";
import type { Boot, Row } from "../store/types";
import { Columns, STEP } from "./board/cards";
import { follow } from "./board/drag";
import { BoardModel } from "./board/model";
import { signOf, type Band, type Lane, type Move } from "./board/moves";
import { Dialogs } from "./grid/dialogs";
import { Model } from "./grid/model";
import { keepLooks } from "./looks";
import { followMenus } from "./menus";

export class TlBoard extends HTMLElement {
  private stops: (() => void)[] = [];
  private model!: BoardModel;
  private board!: HTMLElement;
  private focusing = false;

  connectedCallback(): void {
    const text = document.getElementById("island")?.textContent;
    const board = this.querySelector<HTMLElement>(".board");
    if (!text || !board || this.stops.length > 0) return;
    const boot = JSON.parse(text) as Boot;
    const store = new Store(boot, serverOf(boot));
    this.board = board;
    this.model = new BoardModel(new Model(store));
    this.stops.push(listen(boot.slug, document.documentElement.dataset["events"] ?? "", () => void store.hear()));
    void Promise.all([namesOf(boot), store.start()]).then(() => this.take()).catch((error: unknown) => (console.error(error), this.disconnectedCallback()));
  }

  disconnectedCallback(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  private take(): void {
    const { model, board } = this;
    const beneath = document.createElement("div");
    this.append(beneath);
    board.replaceChildren();
    board.removeAttribute("tabindex");
    const fit = (): void => void (model.shown.value = Math.ceil(Math.min(board.clientHeight, innerHeight) / STEP) + 1);
    const size = new ResizeObserver(fit);
    size.observe(board);
    fit();
    this.listen();
    model.base.store.looking = () => [...board.querySelectorAll<HTMLElement>("[data-n]")].map((card) => Number(card.dataset["n"]));
    this.stops.push(
      () => size.disconnect(),
      effect(() => {
        if (model.base.store.query.value.query.group === "") model.base.store.text.value = withPart(model.base.store.text.peek(), "group", "state");
      }),
      effect(() => {
        board.classList.toggle("banded", model.bands.value.length > 0);
        board.style.setProperty("--lanes", String(model.lanes.value.length));
        render(<Columns model={model} />, board);
        this.keepFocus();
      }),
      effect(() => {
        render(<Beneath model={model} />, beneath);
      }),
      effect(() => void this.toggleAttribute("data-busy", model.base.store.writes.pending.value.length > 0)),
      keepLooks(this.model.base.store),
      effect(() => this.follow()),
      this.afterAsking(),
      followMenus({ store: model.base.store, ask: (text) => model.base.ask(text), setColumns: (names) => model.base.setColumns(names) }),
    );
    this.dataset["ready"] = "";
  }

  private listen(): void {
    const { model, board } = this;
    board.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest(".mending")) return;
      const { col, place } = model.at.peek();
      const to: Record<string, () => void> = {
        ArrowDown: () => model.go(col, place + 1),
        ArrowUp: () => model.go(col, place - 1),
        ArrowRight: () => model.aside(1),
        ArrowLeft: () => model.aside(-1),
        Home: () => model.go(col, 0),
        End: () => model.go(col, Infinity),
      };
      const run = to[event.key];
      if (run === undefined) return;
      event.preventDefault();
      run();
      this.bringIntoSight();
    });
    board.addEventListener("pointerdown", (event) => this.press(event));
    board.addEventListener("focusin", (event) => {
      const card = (event.target as Element).closest<HTMLElement>(".board-card");
      if (card) this.model.go(this.colOf(card), Number(card.dataset["place"]));
      this.focusing = true;
    });
    board.addEventListener("click", (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-open]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open(link.dataset["open"] ?? "");
    });
    const onRow = (run: (row: Row) => void) => (): boolean => {
      const row = model.row();
      if (row) run(row);
      return row !== undefined;
    };
    const key = (row: Row): string => model.base.key(row);
    const names = {
      "list.next": () => (model.go(model.at.peek().col, model.at.peek().place + 1), this.bringIntoSight()),
      "list.previous": () => (model.go(model.at.peek().col, model.at.peek().place - 1), this.bringIntoSight()),
      "list.open": onRow((row) => this.open(key(row))),
      "list.peek": onRow((row) => (model.base.opened.peek() === key(row) ? tell("tl:close", {}) : this.open(key(row), true))),
      "list.full": onRow((row) => location.assign(model.base.store.boot.home + key(row))),
      "list.select": onRow((row) => model.base.toggle(row.n)),
      "list.range": onRow((row) => model.base.toggle(row.n, true)),
      undo: () => model.base.undoable && void model.base.undo(),
    };
    const moves = { "board.move": onRow((row) => (model.moving.value = row)), "board.state": onRow((row) => (model.moving.value = row)) };
    const again = (): void => void model.base.store.hear();
    const online = (): void => void (model.base.store.writes.wake(), again());
    addEventListener("online", online);
    document.addEventListener("visibilitychange", again);
    this.stops.push(
      hear("tl:opened", ({ key: shown }) => (model.base.opened.value = shown)),
      bind("board", moves, { within: this }),
      bind("list", names, { within: this }),
      bind("list", names),
      hear("tl:changed", again),
      hear("tl:step", ({ from, by }) => this.step(from, by)),
      () => removeEventListener("online", online),
      () => document.removeEventListener("visibilitychange", again),
    );
  }

  // When a form over the board has closed, the cursor and the focus are on the card it was about, wherever that is now.
  private afterAsking(): () => void {
    let about: number | undefined;
    return effect(() => {
      const asked = this.model.base.asking.value;
      const n = about;
      about = asked?.numbers[0];
      if (asked !== null || n === undefined) return;
      queueMicrotask(() => {
        this.model.goTo(n);
        this.bringIntoSight();
      });
    });
  }

  private colOf(card: Element): number {
    return Number(card.closest<HTMLElement>("[data-col]")?.dataset["col"] ?? 0);
  }

  private press(event: PointerEvent): void {
    const card = (event.target as Element).closest<HTMLElement>(".board-card[data-n]");
    const row = card && this.model.base.store.rows.get(Number(card.dataset["n"]));
    if (!card || !row || event.button !== 0 || event.pointerType === "touch" || (event.target as Element).closest("button")) return;
    const { model, board } = this;
    follow(card, event, {
      scroller: board,
      laneAt: (x, y) => document.elementFromPoint(x, y)?.closest<HTMLElement>(".lane") ?? null,
      begin: () => (model.dragged.value = row),
      over: (lane) => (model.over.value = lane?.dataset["band"] === undefined ? (lane?.dataset["lane"] ?? null) : `${lane.dataset["band"]} ${lane.dataset["lane"] ?? ""}`),
      drop: (box) => {
        const lane = model.lanes.peek().find((one) => one.key === box?.dataset["lane"]);
        const band = model.bands.peek().find((one) => one.key === box?.dataset["band"]);
        model.dragged.value = null;
        model.over.value = null;
        if (box && lane) model.carry(row, lane);
        if (band) model.carryToBand(row, band);
      },
    });
  }

  private open(key: string, stay = false): void {
    tell("tl:open", { key, stay });
  }

  private step(from: string, by: 1 | -1): void {
    const { model } = this;
    model.goTo(Number(from.slice(from.lastIndexOf("-") + 1)));
    const { col, place } = model.at.peek();
    model.go(col, place + by);
    this.bringIntoSight();
    const row = model.row();
    if (row) this.open(model.base.key(row), document.activeElement?.closest(".panel") === null);
  }

  private bringIntoSight(): void {
    const { model } = this;
    const { col, place } = model.at.peek();
    const box = model.boxes.get(model.lanes.peek()[col]?.key ?? "");
    if (!box || model.bands.peek().length > 0) {
      const shut = model.bands.peek().find((one) => model.shut.peek().has(one.key) && holds(one, model.row(), model));
      if (shut) model.fold(shut.key);
      this.focusing = true;
      this.keepFocus();
      this.board.querySelector(".board-card.on")?.scrollIntoView({ block: "nearest", inline: "nearest" });
      return;
    }
    if (place * STEP < box.scrollTop) box.scrollTop = place * STEP;
    else if ((place + 1) * STEP > box.scrollTop + box.clientHeight) box.scrollTop = (place + 1) * STEP - box.clientHeight;
    model.scrolled(model.lanes.peek()[col]?.key ?? "", box.scrollTop);
    this.focusing = true;
    this.keepFocus();
    box.closest(".lane")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  private keepFocus(): void {
    if (!this.focusing || this.model.moving.peek() !== null) return;
    const active = document.activeElement;
    if (active !== null && active !== document.body && !this.board.contains(active)) {
      this.focusing = false;
      return;
    }
    const spot = this.board.querySelector<HTMLElement>(".board-card.on > a");
    if (spot && spot !== active && !active?.closest(".mending")) spot.focus({ preventScroll: true });
  }

  private follow(): void {
    const { store } = this.model.base;
    const box = document.querySelector<HTMLInputElement>("#query");
    if (box && box !== document.activeElement && box.value !== store.text.value) box.value = store.text.value;
  }
}

function holds(band: Band, row: Row | undefined, model: BoardModel): boolean {
  const field = model.bandField.peek();
  return row !== undefined && field !== undefined && signOf(row[field.name]) === band.key;
}

function Beneath({ model }: { model: BoardModel }): JSX.Element {
  return (
    <>
      <Dialogs model={model.base} />
      {model.moving.value && <MoveMenu model={model} row={model.moving.value} />}
    </>
  );
}

// The way of a drag without dragging: columns to choose from, with what each takes.
function MoveMenu({ model, row }: { model: BoardModel; row: Row }): JSX.Element {
  const columns = model.lanes.value.map((lane) => ({ to: lane, move: model.move(row, lane), go: () => model.carry(row, lane) }));
  const rows = model.bands.value.map((band) => ({ to: band, move: model.moveToBand(row, band), go: () => model.carryToBand(row, band) }));
  const ways = [...columns, ...rows];
  const [at, setAt] = useState(Math.max(0, ways.findIndex(({ move }) => move.kind !== "not" && move.kind !== "here")));
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useLayoutEffect(() => dialog.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus(), [at]);
  const close = (): void => {
    model.moving.value = null;
    model.goTo(row.n);
  };
  const choose = (go: () => void): void => {
    dialog.current?.close();
    go();
    model.goTo(row.n);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setAt((at + by + ways.length) % ways.length);
  };
  const way = ({ to, move, go }: { to: Omit<Lane, "group">; move: Move; go: () => void }, index: number): JSX.Element => (
    <li key={`${index}`}>
      <button type="button" data-at={index} aria-disabled={move.kind === "not" || move.kind === "here"} onClick={() => (move.kind === "not" || move.kind === "here" ? undefined : choose(go))}>
        <b>{to.label}</b>
        <small>{move.kind === "here" ? "It is here" : move.kind === "not" ? move.why : move.kind === "verb" ? move.verb.label + (move.verb.params.some((one) => one.required) ? ": asks why" : "") : ""}</small>
      </button>
    </li>
  );
  return (
    <dialog ref={dialog} class="dialog move-to" aria-labelledby="move-title" onClose={close} onKeyDown={onKeyDown}>
      <h2 id="move-title">Move {model.base.key(row)} to</h2>
      <ul>{columns.map(way)}</ul>
      {rows.length > 0 && <h3>{model.bandField.value?.label}</h3>}
      {rows.length > 0 && <ul>{rows.map((one, index) => way(one, columns.length + index))}</ul>}
    </dialog>
  );
}
