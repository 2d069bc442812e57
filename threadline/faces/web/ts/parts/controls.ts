// A value's control in its place: asked for, sent, put back; and the record's page read anew after it.

import { tell, hear } from "./events";
import { send } from "./fragments";
import { facts } from "./page";

const before = new WeakMap<HTMLElement, DocumentFragment>();
let own = false; // the change that is told came from here, and is shown already

export function listen(root: Document): void {
  root.addEventListener("click", ({ target }) => {
    const place = target instanceof Element && target.closest("[data-here-cancel]") ? target.closest<HTMLElement>("[data-edit]") : null;
    if (place) putBack(place);
  });
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset["here"] === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    void save(form);
  }, { capture: true });
  root.addEventListener("keydown", (event) => {
    const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("[data-here]") : null;
    const place = form?.closest<HTMLElement>("[data-edit]");
    if (!form || !place) return;
    const long = event.target instanceof HTMLTextAreaElement;
    if (event.key === "Escape") putBack(place);
    else if (event.key === "Enter" && (!long || event.ctrlKey || event.metaKey) && !(event.target instanceof HTMLButtonElement)) form.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  hear("tl:changed", ({ keys }) => {
    const mine = facts().key;
    if (!own && mine && keys.includes(mine) && !root.querySelector("#main [data-here]")) void refresh(root);
  });
}

export async function ask(asked: HTMLElement): Promise<void> {
  const address = asked.dataset["edit"] ?? "";
  try {
    const answer = await fetch(address, { headers: { "X-Part": "field" } });
    if (!answer.ok || answer.redirected) throw new Error();
    const markup = await answer.text();
    // The page may have been read anew meanwhile: then the same place in it is meant.
    const place = asked.isConnected ? asked : document.querySelector<HTMLElement>(`[data-edit="${CSS.escape(address)}"]`);
    if (!place) return;
    const kept = document.createDocumentFragment();
    kept.append(...place.childNodes);
    before.set(place, kept);
    place.innerHTML = markup;
    const field = place.querySelector<HTMLInputElement>("[data-here] :is(input:not([type=hidden]), select, textarea)");
    field?.focus();
    if (field instanceof HTMLInputElement && field.type !== "checkbox") field.select();
  } catch {
    location.assign(address);
  }
}

function putBack(place: HTMLElement): void {
  const kept = before.get(place);
  if (kept) place.replaceChildren(kept);
  before.delete(place);
  place.querySelector<HTMLElement>(".edit-here")?.focus();
}

async function save(form: HTMLFormElement): Promise<void> {
  const place = form.closest<HTMLElement>("[data-edit]");
  if (!place || form.classList.contains("saving")) return;
  const body = new FormData(form);
  form.classList.add("saving");
  try {
    const said = await send(form.action, body);
    const key = /\/([A-Z][A-Z0-9]*-\d+)\/field\//.exec(form.action)?.[1] ?? "";
    const address = place.dataset["edit"] ?? "";
    putBack(place);
    tell("tl:toast", { text: said.text, ...(said.undo ? { undo: said.undo } : {}) });
    if (facts().key === key) await refresh(document);
    own = true;
    tell("tl:changed", { keys: [key] });
    own = false;
    document.querySelector<HTMLElement>(`[data-edit="${CSS.escape(address)}"] > .edit-here`)?.focus();
  } catch (error) {
    form.classList.remove("saving");
    const line = form.querySelector<HTMLElement>("[data-here-error]");
    if (line) [line.hidden, line.textContent] = [false, (error as Error).message];
  }
}

// The record's page as it is now, put in place of what stood here; what is being typed below stays.
async function refresh(root: Document): Promise<void> {
  const here = root.querySelector("#main article.page");
  if (!here) return;
  const said = root.querySelector<HTMLTextAreaElement>("#comment-body")?.value;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#main article.page");
  if (!fresh || root.querySelector("#main [data-here]")) return; // somebody has begun to type since
  here.replaceChildren(...fresh.childNodes);
  const field = root.querySelector<HTMLTextAreaElement>("#comment-body");
  if (field && said) field.value = said;
}
