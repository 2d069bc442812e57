// Making something from anywhere: a small form in a dialog, with what is needed and no more.
// What was typed stays when the server refuses it; “and another” begins the next one at once.

import { askPart, formData, setApart, type Part } from "./asking";
import { focusProblems, sendByKey } from "./attention";
import { tell } from "./events";
import { make } from "./making";
import { at } from "./page";
import { flashesIn } from "./toasts";

const LAST = "tl-made";
let dialog: HTMLDialogElement | null = null;

// path: of the type, such as "features"; empty for what was made last.
export function openQuick(path: string, query = ""): void {
  if (dialog) return;
  const chosen = path || localStorage.getItem(LAST) || "new";
  dialog = make("dialog", { class: "dialog quick", "aria-label": "Make something new" }, [make("div", { class: "skeleton" }, [make("i"), make("i"), make("i")])]);
  const stop = sendByKey(dialog);
  dialog.addEventListener("close", () => {
    stop();
    dialog?.remove();
    dialog = null;
  });
  dialog.addEventListener("cancel", (event) => {
    if (written()) {
      event.preventDefault(); // Escape does not throw words away; Cancel does
      dialog?.querySelector<HTMLElement>("[data-cancel]")?.focus();
    }
  });
  dialog.addEventListener("submit", (event) => void sent(event));
  dialog.addEventListener("change", (event) => {
    const select = event.target;
    if (select instanceof HTMLSelectElement && select.matches("[data-quick-type]")) void load(select.value, "", firstWords());
  });
  dialog.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-cancel]")) {
      event.preventDefault();
      dialog?.close();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  void load(chosen, query);
}

async function load(path: string, query: string, words = ""): Promise<void> {
  const address = path === "new" ? at("new") : at(`${path}/new${query}`);
  try {
    fill(await askPart(address, "quick"), words);
  } catch {
    dialog?.close();
    tell("tl:toast", { text: "The server could not be reached.", tone: "bad" });
  }
}

function fill(part: Part, words = ""): void {
  const content = part.root ?? part.error;
  if (!dialog || !content) return;
  setApart(content, "quick-");
  dialog.replaceChildren(content);
  dialog.setAttribute("aria-label", content.dataset["title"] ?? "Make something new");
  tell("tl:shown", { root: content });
  const first = content.querySelector<HTMLInputElement | HTMLTextAreaElement>("form .field :is(input, textarea)");
  if (first && words) first.value = words;
  if (content.querySelector('[id$="problems"]')) focusProblems(content);
  else first?.focus();
}

function fields(): (HTMLInputElement | HTMLTextAreaElement)[] {
  return [...(dialog?.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("form :is(input:not([type=hidden], [type=checkbox]), textarea)") ?? [])];
}

function written(): boolean {
  return fields().some((one) => one.value !== one.defaultValue);
}

function firstWords(): string {
  return fields()[0]?.value ?? "";
}

async function sent(event: SubmitEvent): Promise<void> {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  form.setAttribute("aria-busy", "true");
  try {
    const part = await askPart(form.getAttribute("action") ?? "", "quick", formData(form, event.submitter));
    if (!part.ok || !part.root) {
      fill(part);
      return;
    }
    if (part.root.dataset["path"]) localStorage.setItem(LAST, part.root.dataset["path"]);
    for (const toast of flashesIn(part.root)) tell("tl:toast", toast);
    tell("tl:changed", { keys: [] });
    if (part.root.dataset["key"] === undefined) fill(part);
    else dialog?.close();
  } catch {
    tell("tl:toast", { text: "The server could not be reached. What you wrote is still here.", tone: "bad" });
  } finally {
    form.removeAttribute("aria-busy");
  }
}
