// Ticking rows: all of them at once, a range with Shift, and how many are ticked.

// The indexes from one tick to another, whichever came first.
export function range(from: number, to: number): number[] {
  const low = Math.min(from, to);
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, step) => low + step);
}

export function pickRows(root: Document): void {
  const boxes = [...root.querySelectorAll<HTMLInputElement>('input[name="ids"]')];
  const all = root.querySelector<HTMLInputElement>("[data-check-all]");
  const bar = root.querySelector<HTMLElement>("form.bulk > b");
  if (boxes.length === 0) return;
  let last: number | null = null;

  const tell = (): void => {
    const count = boxes.filter((box) => box.checked).length;
    if (bar) bar.textContent = count === 0 ? "Selected rows" : `${count} selected`;
    if (all) {
      all.checked = count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
  };
  boxes.forEach((box, at) => {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last !== null) {
        for (const index of range(last, at)) {
          const other = boxes[index];
          if (other) other.checked = box.checked;
        }
      }
      last = at;
      tell();
    });
  });
  all?.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  tell();
}
