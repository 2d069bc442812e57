// Paints stretches of text without putting elements around them (CSS Custom Highlight API).

import { unitsOf } from "./places";
import type { Stretch } from "./places";

const TONES = ["thread", "info", "plum", "ok", "warn", "grey"] as const;

export const canPaint = "highlights" in CSS;

export function paint(name: string, ranges: Range[]): void {
  if (!canPaint) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

// The text node and offset at a UTF-16 offset of an element's text.
export function pointIn(element: Element, units: number): [Node, number] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let left = units;
  let node = walker.nextNode();
  let last: Node = element;
  while (node) {
    const length = node.nodeValue?.length ?? 0;
    if (left <= length) return [node, left];
    left -= length;
    last = node;
    node = walker.nextNode();
  }
  return [last, last.nodeValue?.length ?? 0];
}

export function rangeIn(from: Element, start: number, to: Element, end: number): Range {
  const range = document.createRange();
  range.setStart(...pointIn(from, start));
  range.setEnd(...pointIn(to, end));
  return range;
}

export function rangeOf(stretch: Stretch, saidOf: (turn: number) => Element | null): Range | null {
  const from = saidOf(stretch.turn);
  const to = saidOf(stretch.last);
  if (!from || !to) return null;
  const start = unitsOf(from.textContent ?? "", stretch.start);
  return rangeIn(from, start, to, unitsOf(to.textContent ?? "", stretch.end));
}

// All highlights listed beside the talk, each in the colour of its first code.
export function paintMarks(items: Iterable<HTMLElement>, saidOf: (turn: number) => Element | null): void {
  const by = new Map<string, Range[]>(TONES.map((tone) => [tone, []]));
  for (const item of items) {
    const { turn, start, last, end, tone } = item.dataset;
    if (turn === undefined || start === undefined || last === undefined || end === undefined) continue;
    const range = rangeOf({ turn: +turn, start: +start, last: +last, end: +end }, saidOf);
    if (range) by.get(tone ?? "grey")?.push(range);
  }
  for (const [tone, ranges] of by) paint(`tl-${tone}`, ranges);
}
