// Words of a record's text that are selected can be spoken about: a button beside them begins a
// remark that quotes them. Its place in the page is behind the text, so that Tab reaches it.

import { make } from "./making";

const MOST = 600; // letters; more is a text of its own

export function remarkOnWords(root: Document): void {
  const field = root.querySelector<HTMLTextAreaElement>("#comment-body");
  if (!field) return;
  const button = make("button", { class: "btn small remark", type: "button" }, ["Comment on this"]);
  let words = "";
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  button.addEventListener("click", () => {
    const quote = words.split("\n").filter((line) => line.trim() !== "").map((line) => `> ${line.trim()}`).join("\n");
    field.value = `${quote}\n\n${field.value.replace(/^(>.*\n)+\n?/, "")}`;
    button.remove();
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  root.addEventListener("selectionchange", () => {
    const selection = root.getSelection();
    const range = selection && selection.rangeCount > 0 && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const within = range?.commonAncestorContainer;
    const text = (within instanceof Element ? within : within?.parentElement)?.closest<HTMLElement>("#main .prose:not(.talk .prose)");
    words = selection?.toString().trim() ?? "";
    if (!range || !text || text.closest("[contenteditable]") || words === "" || words.length > MOST) return button.remove();
    text.after(button);
    button.parentElement?.classList.add("remarked"); // it is placed from there
    const [box, at] = [(button.offsetParent ?? root.body).getBoundingClientRect(), range.getBoundingClientRect()];
    button.style.insetInlineStart = `${Math.max(0, at.left - box.left)}px`;
    button.style.insetBlockStart = `${at.bottom - box.top + 6}px`;
  });
}
