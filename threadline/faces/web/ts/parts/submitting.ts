// A form is sent from whatever field one writes in; a choice that stands alone in its form as soon as
// it is made, and its button steps aside.

import { bind, isTyping } from "./keys";

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

export function submitOnChange(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLSelectElement>("select[data-submit]")) {
    const button = field.form?.querySelector<HTMLButtonElement>("button:not([type=button])");
    if (button) button.hidden = true;
    field.addEventListener("change", () => {
      if (field.name === "theme") showTheme(field.value);
      field.form?.requestSubmit();
    });
  }
}

// At once, before the server has answered.
function showTheme(theme: string): void {
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
}
