// An order that people give by hand: in a list sorted by rank, a row is dragged between two others,
// or moved by keys. Its new rank lies between theirs, so that one record changes and no other.

import { sortOf } from "../../store/store";
import { tell } from "../../parts/events";
import type { Row } from "../../store/types";
import type { Model } from "./model";

export const RANK = "rank";
const BEGINS = 4; // pixels before a press becomes a drag
const EDGE = 40;
const PACE = 12;

// Whether the order of the rows is theirs to give.
export function isRanked(model: Model): boolean {
  const { query } = model.store.query.value;
  const first = sortOf(query, model.store.boot)[0];
  return query.group === "" && first?.[0] === RANK && !first[1] && model.store.field(RANK)?.edit === true && !model.store.windowed.value;
}

// The plainest number between two; one of them may be missing at an end of the list. Null when there is no room.
export function between(before: number | null, after: number | null): number | null {
  if (before === null && after === null) return 1;
  if (before === null) return Math.ceil(after ?? 0) - 1;
  if (after === null) return Math.floor(before) + 1;
  const middle = (before + after) / 2;
  for (let digits = 0; digits <= 15; digits += 1) {
    const plain = Number(middle.toFixed(digits));
    if (before < plain && plain < after) return plain;
  }
  return before < middle && middle < after ? middle : null;
}

// Put the row of a line before the one at `to` (after it when it lies below). Rows without a rank come last.
export function moveTo(model: Model, from: number, to: number): boolean {
  const view = model.store.view.peek();
  const field = model.store.field(RANK);
  const row = view.rowAt(from);
  const target = Math.max(0, Math.min(view.total - 1, to));
  if (row === undefined || field === undefined || target === from) return false;
  const down = target > from;
  const before = rankOf(view.rowAt(down ? target : target - 1));
  const after = rankOf(view.rowAt(down ? target + 1 : target));
  if (before === null && (down || target > 0)) {
    tell("tl:toast", { text: "The rows above have no rank yet. Move this one to the top, or give them one first.", tone: "info" });
    return false;
  }
  const rank = between(before, after);
  if (rank === null) {
    tell("tl:toast", { text: "There is no room left between these two. Write other ranks for them first.", tone: "warn" });
    return false;
  }
  model.put([{ row, field, text: String(rank), value: rank }], "Moved");
  return true;
}

function rankOf(row: Row | undefined): number | null {
  const value = row?.[RANK];
  return typeof value === "number" ? value : null;
}

// The drag: a line shows where the row would come to stand.
export function dragRow(model: Model, scroller: HTMLElement, press: PointerEvent, from: number, done: (line: number) => void): void {
  const line = document.createElement("div");
  line.className = "drop-line";
  const head = scroller.querySelector("thead")?.getBoundingClientRect().height ?? 0;
  const total = model.store.view.peek().total;
  let to = from;
  let y = press.clientY;
  let frame = 0;
  const draw = (): void => {
    frame = 0;
    const box = scroller.getBoundingClientRect();
    const height = model.height.peek();
    const gap = Math.max(0, Math.min(total, Math.round((y - box.top - head + scroller.scrollTop) / height)));
    to = gap > from ? gap - 1 : gap;
    line.style.transform = `translateY(${head + gap * height - 1}px)`;
    const pace = y > box.bottom - EDGE ? PACE : y < box.top + head + EDGE ? -PACE : 0;
    if (pace !== 0) {
      scroller.scrollTop += pace;
      frame = requestAnimationFrame(draw);
    }
  };
  const move = (event: PointerEvent): void => {
    y = event.clientY;
    if (!line.isConnected && Math.abs(y - press.clientY) < BEGINS) return;
    if (!line.isConnected) scroller.append(line);
    event.preventDefault();
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  const end = (dropped: boolean): void => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
    removeEventListener("keydown", key, true);
    cancelAnimationFrame(frame);
    const dragged = line.isConnected;
    line.remove();
    if (dragged && dropped && moveTo(model, from, to)) done(to);
  };
  const up = (): void => end(true);
  const cancel = (): void => end(false);
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    end(false);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", up);
  addEventListener("pointercancel", cancel);
  addEventListener("keydown", key, true);
}
