// Values changed where they stand: a click asks for the control, Enter saves (Ctrl Enter in a
// text of several lines), Escape leaves it as it was. What was saved, and whatever is computed
// from it, is then read anew, here and in the panel. How is fetched where there is a record.

import { facts } from "./page";

type How = typeof import("./controls");
let how: Promise<How> | undefined;

function later(root: Document): Promise<How> {
  return (how ??= import("./controls").then((controls) => (controls.listen(root), controls)));
}

export function editInPlace(root: Document): void {
  if (facts().key) void later(root).catch(() => undefined);
  root.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey || !root.getSelection()?.isCollapsed) return;
    const place = target.closest<HTMLElement>("[data-edit]");
    if (!place || place.querySelector("[data-here]")) return;
    const pencil = target.closest(".edit-here");
    if (!pencil && target.closest("a, button, summary, label")) return;
    event.preventDefault();
    event.stopPropagation();
    later(root).then(({ ask }) => void ask(place), () => location.assign(place.dataset["edit"] ?? ""));
  }, { capture: true });
}
