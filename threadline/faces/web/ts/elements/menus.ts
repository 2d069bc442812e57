// The filter and the menus that the server drew do their work without a new page: a choice is
// still a link, and the link says what is asked for.

import { effect } from "@preact/signals-core";
import { withPart } from "../store/query";
import type { Store } from "../store/store";

interface Follower {
  store: Store;
  ask(text: string): void;
  setColumns?(names: string[]): void;
}

export function followMenus(model: Follower): () => void {
  const { store } = model;
  const box = document.querySelector<HTMLInputElement>("#query");
  const form = box?.form;
  const onInput = (): void => model.ask(box?.value ?? "");
  const onSubmit = (event: SubmitEvent): void => {
    if (event.submitter?.closest("dialog")) return;
    event.preventDefault();
    model.ask(box?.value ?? "");
  };
  const onClick = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("#group-menu a, #band-menu a, #column-menu a") : null;
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const menu = link.closest<HTMLElement>("[popover]");
    const name = link.dataset["name"] ?? "";
    if (menu?.id === "group-menu" || menu?.id === "band-menu") {
      const { group, bands = "" } = store.query.peek().query;
      const [columns, rows] = menu.id === "group-menu" ? [name, document.getElementById("band-menu") ? bands : ""] : [group || "state", name];
      model.ask(withPart(store.text.peek(), "group", [columns, ...(rows === "" || rows === columns || columns === "" ? [] : [rows])].join(",")));
      menu.hidePopover();
    } else {
      const now = store.columns.peek();
      model.setColumns?.(now.includes(name) ? now.filter((one) => one !== name) : [...now, name]);
    }
  };
  box?.addEventListener("input", onInput);
  form?.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  const stopMarks = effect(() => {
    const shown = new Set(store.columns.value);
    const { group, bands = "" } = store.query.value.query;
    for (const link of document.querySelectorAll<HTMLAnchorElement>("#column-menu a[data-name]")) mark(link, shown.has(link.dataset["name"] ?? ""));
    for (const link of document.querySelectorAll<HTMLAnchorElement>("#band-menu a[data-name]")) mark(link, link.dataset["name"] === bands);
    for (const link of document.querySelectorAll<HTMLAnchorElement>("#group-menu a[data-name]")) mark(link, link.dataset["name"] === group);
  });
  return () => {
    stopMarks();
    box?.removeEventListener("input", onInput);
    form?.removeEventListener("submit", onSubmit);
    document.removeEventListener("click", onClick);
  };
}

function mark(link: HTMLAnchorElement, on: boolean): void {
  if (on) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}
