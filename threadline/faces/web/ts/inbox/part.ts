// The part of a note that is to be linked: what is selected in it, by hand or sentence by sentence.

import { sentences, turned } from "../parts/sentences";

export class PartOfNote {
  quote = "";
  private said: HTMLElement | null = null;
  private shown: HTMLElement | null = null;
  private at = -1;

  constructor() {
    document.addEventListener("selectionchange", () => this.selected());
  }

  watch(said: HTMLElement | null, shown: HTMLElement | null): void {
    this.said = said;
    this.shown = shown;
    this.at = -1;
    this.set("");
  }

  clear(): void {
    this.at = -1;
    document.getSelection()?.removeAllRanges();
    this.set("");
  }

  // Selects the next sentence, or the one before, as a hand would.
  turn(step: 1 | -1): void {
    const said = this.said;
    if (!said) return;
    const paragraphs = [...said.querySelectorAll("p")];
    const found = paragraphs.flatMap((p) => sentences(p.textContent ?? "").map((span) => ({ p, span })));
    this.at = turned(found.length, this.at, step);
    const one = found[this.at];
    if (!one) return this.clear();
    const range = document.createRange();
    const [from, to] = [place(one.p, one.span[0]), place(one.p, one.span[1])];
    range.setStart(from.node, from.offset);
    range.setEnd(to.node, to.offset);
    const selection = document.getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    this.selected(); // now: the event comes a moment later, when a quick second key is already here
    one.p.scrollIntoView({ block: "nearest" });
  }

  private selected(): void {
    const selection = document.getSelection();
    if (!this.said || !selection?.anchorNode || !this.said.contains(selection.anchorNode)) return;
    if (!this.said.contains(selection.focusNode)) return;
    this.set(selection.isCollapsed ? "" : selection.toString().replace(/\n{2,}/g, "\n").trim());
  }

  private set(quote: string): void {
    this.quote = quote;
    if (!this.shown) return;
    this.shown.hidden = quote === "";
    const text = this.shown.querySelector("[data-part-text]");
    if (text) text.textContent = quote.length > 120 ? `${quote.slice(0, 118)}…` : quote;
  }
}

// The text node at an offset of an element's text.
function place(element: Element, offset: number): { node: Node; offset: number } {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let left = offset;
  let last: Node = element;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    last = node;
    if (left <= length) return { node, offset: left };
    left -= length;
  }
  return { node: last, offset: last.textContent?.length ?? 0 };
}
