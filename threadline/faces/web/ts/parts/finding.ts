// The way into the palette: Control-K, and the field in the side. The palette itself is fetched
// when it is first asked for; without it the field is a plain search. Remembers the keys (never
// the titles) of the records one looked at, for the palette to begin with.

import { recordAt } from "./asking";
import { hear, tell, type Events } from "./events";
import { bind, isTyping } from "./keys";
import { facts } from "./page";

const SEEN = "tl-seen";
let selection: Events["tl:selection"] = { type: "", ids: [] };
let opened: string | null = null;

export function offerPalette(root: Document): void {
  hear("tl:selection", (now) => (selection = now));
  hear("tl:opened", ({ key }) => remember((opened = key)));
  remember(facts().key ?? null);
  const field = root.querySelector<HTMLInputElement>("#find");
  if (!field) return;
  let coming = false;
  const show = (begin = ""): void => {
    if (coming) return;
    coming = true;
    const typed = keepTyped();
    root.getElementById("rooms")?.matches(":popover-open") && root.getElementById("rooms")?.hidePopover();
    import("../palette")
      .then(({ openPalette }) => {
        const { text, entered } = typed();
        openPalette({ begin: (begin ? field.value : "") + text, entered, selection, key: opened ?? focused() ?? facts().key ?? null, seen: seen() });
      })
      .catch(() => tell("tl:toast", { text: "The palette could not be loaded. Press Enter in the field to search.", tone: "bad" }))
      .finally(() => {
        typed();
        coming = false;
      });
  };
  bind("global", { palette: () => show() });
  field.addEventListener("click", () => show(field.value));
  field.addEventListener("input", () => show(field.value));
}

// What is typed before the palette is there is typed into the palette, and does nothing else.
function keepTyped(): () => { text: string; entered: boolean } {
  let text = "";
  let entered = false;
  const keep = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(document.activeElement)) return;
    if (event.key.length === 1) text += event.key;
    else if (event.key === "Backspace") text = text.slice(0, -1);
    else if (event.key === "Enter") entered = true;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", keep, { capture: true });
  return () => {
    document.removeEventListener("keydown", keep, { capture: true });
    return { text, entered };
  };
}

// The record of the row or card that has the focus.
function focused(): string | null {
  const focus = document.activeElement;
  const own = focus?.closest("tr, .board-card")?.querySelector<HTMLAnchorElement>("a[data-open]");
  if (own) return own.dataset["open"] ?? null;
  return focus instanceof HTMLAnchorElement && focus.closest(".list, [data-records]") ? (recordAt(focus.href)?.key ?? null) : null;
}

export function seen(): string[] {
  const kept = localStorage.getItem(`${SEEN}:${facts().home}`);
  return kept ? kept.split(",") : [];
}

function remember(key: string | null): void {
  if (key === null || facts().home === "") return;
  localStorage.setItem(`${SEEN}:${facts().home}`, [key, ...seen().filter((one) => one !== key)].slice(0, 9).join(","));
}
