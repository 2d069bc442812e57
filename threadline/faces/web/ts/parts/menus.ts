// Menus by the keyboard: opened with a key, the first choice has the focus; arrows, Home and End
// walk through them, and a letter goes to the next choice that begins with it.

export function walkMenus(root: Document): void {
  let byKey = false;
  root.addEventListener("keydown", () => (byKey = true), { capture: true });
  root.addEventListener("pointerdown", () => (byKey = false), { capture: true });
  root.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches(".menu:popover-open") || !byKey) return;
    (choices(menu).find((one) => one.getAttribute("aria-current") === "true") ?? choices(menu)[0])?.focus();
  }, { capture: true });
  root.addEventListener("keydown", (event) => {
    const focus = root.activeElement;
    const menu = focus?.closest<HTMLElement>(".menu:popover-open");
    if (!menu || event.ctrlKey || event.metaKey || event.altKey || focus?.matches("input, select, textarea")) return;
    const all = choices(menu);
    const at = all.indexOf(focus as HTMLElement);
    const to = wanted(event.key, at, all.map((one) => (one.textContent ?? "").trim()));
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    all[to]?.focus();
  }, { capture: true });
}

// Which choice a key leads to from the one at `at`; null when the key leads nowhere.
export function wanted(key: string, at: number, labels: string[]): number | null {
  const count = labels.length;
  if (count === 0) return null;
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (Math.max(at, 0) - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key.length !== 1 || key === " ") return null;
  const order = labels.map((_, step) => (at + 1 + step) % count);
  return order.find((one) => labels[one]?.toLowerCase().startsWith(key.toLowerCase())) ?? null;
}

function choices(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("a[href], button:not([disabled])")].filter((one) => one.checkVisibility());
}
