// A form that is the page is met at its first field, a refused one at what is wrong with it; errors at
// the top of a page can be put away. A form is sent by one key from whatever field one writes in.

import { bind, isTyping } from "./keys";

export function closeFlashes(root: Document): void {
  for (const note of root.querySelectorAll<HTMLElement>(".flashes .note")) {
    const button = root.createElement("button");
    button.type = "button";
    button.className = "btn quiet small";
    button.textContent = "Dismiss";
    button.addEventListener("click", () => {
      note.remove();
      root.getElementById("main")?.focus();
    });
    note.append(button);
  }
}

// In a part of a page every id has a prefix.
export function focusProblems(root: ParentNode): void {
  root.querySelector<HTMLElement>('[id$="problems"]')?.focus();
}

// Whoever opened a page for its form begins to write. Not with a finger: the keyboard would cover the form.
export function beginForm(root: Document): void {
  const form = root.querySelector<HTMLFormElement>("main > .page > form.form");
  if (!form) return;
  if (root.activeElement !== root.body || location.hash !== "" || !matchMedia("(pointer: fine)").matches) return;
  form.querySelector<HTMLElement>(".field :is(input:not([type=hidden], [type=checkbox], [type=radio]), textarea, select)")?.focus({ preventScroll: true });
}

// within: the dialog it is for, where keys of the page are not heard. Returns what ends it.
export function sendByKey(within?: HTMLElement): () => void {
  return bind("global", { send }, within ? { within } : {});
}

function send(): boolean {
  const focus = document.activeElement;
  const form = focus !== null && isTyping(focus) ? focus.closest("form") : null;
  form?.requestSubmit();
  return form !== null;
}
