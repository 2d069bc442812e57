// A board over the same rows as the grid: columns by a field, a cursor over cards, moves.

import { computed, signal, type ReadonlySignal } from "@preact/signals-core";
import type { Field, Row } from "../../store/types";
import { tell } from "../../parts/events";
import type { Model } from "../grid/model";
import { bands, lanes, moveTo, type Band, type Lane, type Move } from "./moves";

const MARKS = 4;

export class BoardModel {
  readonly at = signal({ col: 0, place: 0 });
  readonly dragged = signal<Row | null>(null);
  readonly over = signal<string | null>(null);
  readonly moving = signal<Row | null>(null); // the card whose Move-to menu is open
  readonly tops = signal<Record<string, number>>({});
  readonly shown = signal(8);
  readonly boxes = new Map<string, HTMLElement>();
  readonly field: ReadonlySignal<Field | undefined>;
  readonly lanes: ReadonlySignal<Lane[]>;
  readonly cardFields: ReadonlySignal<Field[]>;
  readonly bandField: ReadonlySignal<Field | undefined>;
  readonly bands: ReadonlySignal<Band[]>; // empty where the board has no rows
  readonly more = signal<Record<string, number>>({}); // cards asked for beyond the first of a cell
  readonly shut = signal<ReadonlySet<string>>(new Set<string>());

  constructor(readonly base: Model) {
    const { store } = base;
    this.field = computed(() => store.field(store.query.value.query.group || "state"));
    this.lanes = computed(() => lanes(store, this.field.value?.name ?? "state", store.view.value.groups));
    this.bandField = computed(() => {
      const { query } = store.query.value;
      return store.windowed.value || query.bands === query.group ? undefined : store.field(query.bands ?? "");
    });
    this.bands = computed(() => (this.bandField.value && store.has(this.bandField.value.name) ? bands(store, this.bandField.value, this.lanes.value) : []));
    this.cardFields = computed(() => {
      const shown = base.fields.value.filter((one) => one.name !== "title" && one.name !== this.field.value?.name && one.name !== this.bandField.value?.name && one.kind !== "markdown");
      const people = shown.filter((one) => one.kind === "person").slice(0, 1);
      return [...shown.filter((one) => one.kind !== "person").slice(0, MARKS), ...people];
    });
  }

  row(): Row | undefined {
    const { col, place } = this.at.peek();
    const lane = this.lanes.peek()[col];
    return lane?.group && place < lane.group.count ? this.base.store.view.peek().rowAt(lane.group.start + place) : undefined;
  }

  go(col: number, place: number): void {
    const all = this.lanes.peek();
    const to = Math.max(0, Math.min(all.length - 1, col));
    this.at.value = { col: to, place: Math.max(0, Math.min((all[to]?.group?.count ?? 1) - 1, place)) };
  }

  // Sideways to the next column that has cards.
  aside(by: 1 | -1): void {
    const all = this.lanes.peek();
    const { col, place } = this.at.peek();
    for (let to = col + by; to >= 0 && to < all.length; to += by) if ((all[to]?.group?.count ?? 0) > 0) return this.go(to, place);
  }

  goTo(n: number): void {
    const view = this.base.store.view.peek();
    this.lanes.peek().forEach((lane, col) => {
      for (let place = 0; lane.group && place < lane.group.count; place += 1) if (view.rowAt(lane.group.start + place)?.n === n) this.go(col, place);
    });
  }

  move(row: Row, lane: Lane): Move {
    const field = this.field.peek();
    return field ? moveTo(this.base.store, field, row, lane) : { kind: "here" };
  }

  moveToBand(row: Row, band: Band): Move {
    const field = this.bandField.peek();
    return field ? moveTo(this.base.store, field, row, { ...band, group: undefined }) : { kind: "here" };
  }

  carryToBand(row: Row, band: Band): void {
    const field = this.bandField.peek();
    if (field) this.make(row, field, this.moveToBand(row, band), band.label);
  }

  fold(key: string): void {
    const shut = new Set(this.shut.peek());
    if (!shut.delete(key)) shut.add(key);
    this.shut.value = shut;
  }

  // Carry a card to a column; says why when that cannot be.
  carry(row: Row, lane: Lane): void {
    const field = this.field.peek();
    if (field) this.make(row, field, this.move(row, lane), lane.label);
  }

  private make(row: Row, field: Field, move: Move, label: string): void {
    if (move.kind === "here") return;
    if (move.kind === "not") tell("tl:toast", { text: `${this.base.key(row)}: ${move.why}`, tone: "warn" });
    else if (move.kind === "verb") this.base.run(move.verb, [row.n]);
    else this.base.put([{ row, field, text: move.text, value: move.value }], `Moved to ${label}`);
  }

  scrolled(key: string, top: number): void {
    const before = this.tops.peek()[key] ?? 0;
    if (Math.abs(before - top) > 90 || top === 0) this.tops.value = { ...this.tops.peek(), [key]: top };
  }
}
