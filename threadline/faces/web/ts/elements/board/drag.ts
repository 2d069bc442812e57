// Dragging by pointer: a card follows the finger, and lands where it is let go. A few lines,
// because every drag also has a way by keyboard that needs none of this.

const BEGINS = 6; // pixels before a press becomes a drag
const EDGE = 48; // pixels from the edge where the board begins to move
const PACE = 14;

export interface Drag {
  scroller: HTMLElement;
  laneAt(x: number, y: number): HTMLElement | null;
  begin(): void;
  over(lane: HTMLElement | null): void;
  drop(lane: HTMLElement | null): void;
}

export function follow(card: HTMLElement, press: PointerEvent, drag: Drag): void {
  let ghost: HTMLElement | null = null;
  let lane: HTMLElement | null = null;
  let at = { x: press.clientX, y: press.clientY };
  let frame = 0;
  const box = card.getBoundingClientRect();
  const grip = { x: press.clientX - box.left, y: press.clientY - box.top };

  const draw = (): void => {
    frame = 0;
    if (ghost === null) return;
    ghost.style.transform = `translate(${at.x - grip.x}px, ${at.y - grip.y}px)`;
    const found = drag.laneAt(at.x, at.y);
    if (found !== lane) drag.over((lane = found));
    const frameOf = drag.scroller.getBoundingClientRect();
    const pace = at.x > frameOf.right - EDGE ? PACE : at.x < frameOf.left + EDGE ? -PACE : 0;
    if (pace !== 0) {
      drag.scroller.scrollLeft += pace;
      frame = requestAnimationFrame(draw);
    }
  };
  const begin = (): void => {
    ghost = card.cloneNode(true) as HTMLElement;
    ghost.classList.add("board-ghost");
    ghost.removeAttribute("id");
    ghost.style.inlineSize = `${box.width}px`;
    document.body.append(ghost);
    card.classList.add("away");
    drag.begin();
  };
  const move = (event: PointerEvent): void => {
    at = { x: event.clientX, y: event.clientY };
    if (ghost === null && Math.hypot(at.x - press.clientX, at.y - press.clientY) < BEGINS) return;
    if (ghost === null) begin();
    event.preventDefault();
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  const end = (dropped: boolean): void => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
    removeEventListener("keydown", key, true);
    cancelAnimationFrame(frame);
    if (ghost === null) return;
    ghost.remove();
    card.classList.remove("away");
    drag.drop(dropped ? drag.laneAt(at.x, at.y) : null);
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, true), 60);
  };
  const up = (): void => end(true);
  const cancel = (): void => end(false);
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || ghost === null) return;
    event.preventDefault();
    event.stopPropagation();
    end(false);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", up);
  addEventListener("pointercancel", cancel);
  addEventListener("keydown", key, true);
}

// The click that follows a drop opens nothing.
function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
