// What of a tall picture stands in the page: the rows in view and a little around them. The server draws all of it;
// this takes out what is far away and puts it back, in its place, when it comes near.

const AROUND = 240; // pixels above and below the view

export interface Piece {
  node: SVGElement;
  top: number;
  bottom: number;
}

interface Held extends Piece {
  inside: boolean;
}

export class InView {
  readonly bars: readonly Piece[];
  private readonly kinds: { parent: Element; after: ChildNode | null; pieces: Held[] }[] = [];
  private frame = 0;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly held: (node: SVGElement) => boolean,
  ) {
    this.bars = this.collect(".tline-body", ".tbar", (node) => spanOf(node.querySelector(".likely"), "height"));
    this.collect(".edges", "path", (node) => heightsOf(node.getAttribute("d") ?? ""));
    this.collect(".tline-names", "g", (node) => spanOf(node.querySelector("foreignObject"), "height"));
    scroller.addEventListener("scroll", this.soon, { passive: true });
    addEventListener("resize", this.soon);
    addEventListener("beforeprint", this.all);
    addEventListener("afterprint", this.soon);
    this.look();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.scroller.removeEventListener("scroll", this.soon);
    removeEventListener("resize", this.soon);
    removeEventListener("beforeprint", this.all);
    removeEventListener("afterprint", this.soon);
  }

  /** Put a piece into the page, in view if it was not. */
  reveal(piece: Piece): void {
    const { scrollTop, clientHeight } = this.scroller;
    const head = this.scroller.querySelector(".tline-head")?.clientHeight ?? 0;
    if (piece.top < scrollTop || piece.bottom + head > scrollTop + clientHeight) this.scroller.scrollTop = piece.top - clientHeight / 2;
    this.look();
  }

  look = (): void => {
    this.frame = 0;
    const { scrollTop, clientHeight } = this.scroller;
    this.show(scrollTop - AROUND, scrollTop + clientHeight + AROUND);
  };

  private all = (): void => this.show(-Infinity, Infinity);

  private soon = (): void => {
    this.frame ||= requestAnimationFrame(this.look);
  };

  private collect(where: string, which: string, span: (node: SVGElement) => [number, number]): Held[] {
    const parent = this.scroller.querySelector(where);
    if (!parent) return [];
    const nodes = [...parent.querySelectorAll<SVGElement>(`:scope > ${which}`)];
    const pieces = nodes.map((node) => {
      const [top, bottom] = span(node);
      return { node, top, bottom, inside: true };
    });
    this.kinds.push({ parent, after: nodes.at(-1)?.nextSibling ?? null, pieces });
    return pieces;
  }

  private show(top: number, bottom: number): void {
    for (const { parent, after, pieces } of this.kinds) {
      let before = after;
      for (let n = pieces.length - 1; n >= 0; n--) {
        const piece = pieces[n] as Held;
        const wanted = (piece.bottom >= top && piece.top <= bottom) || this.held(piece.node);
        if (wanted && !piece.inside) parent.insertBefore(piece.node, before);
        else if (!wanted && piece.inside) piece.node.remove();
        piece.inside = wanted;
        if (wanted) before = piece.node;
      }
    }
  }
}

function spanOf(node: Element | null, tall: string): [number, number] {
  const top = Number(node?.getAttribute("y") ?? 0);
  return [top, top + Number(node?.getAttribute(tall) ?? 0)];
}

/** The highest and lowest point of a line made of M x y, H x and V y. */
export function heightsOf(d: string): [number, number] {
  const found = [...d.matchAll(/M\S+ ([-\d.]+)|V([-\d.]+)/g)].map((one) => Number(one[1] ?? one[2]));
  return [Math.min(...found), Math.max(...found)];
}
