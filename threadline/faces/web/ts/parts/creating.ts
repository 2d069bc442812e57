// What opens the small form for something new and the sheet of keys. They themselves are fetched
// once the page has nothing else to do, or when they are asked for before that.

import { tell } from "./events";
import { bind } from "./keys";
import { facts } from "./page";

export function offerCreate(root: Document): void {
  bind("global", { help: () => late(import("./sheet"), ({ openSheet }) => openSheet(root)) });
  const start = root.querySelector<HTMLAnchorElement>('a[data-key="create"]');
  if (facts().home === "") return;
  bind("global", { create: () => open(facts().path ?? "", start?.search ?? "") });
  root.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-key="create"], a[data-quick]') : null;
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const path = new URL(link.href).pathname.slice(facts().home.length).replace(/\/new$/, "");
    event.preventDefault();
    open(path, link.search);
  });
  setTimeout(() => void import("./quick").catch(() => undefined), 1_000);
}

function open(path: string, query: string): void {
  late(import("./quick"), ({ openQuick }) => openQuick(path, query));
}

function late<Module>(coming: Promise<Module>, use: (module: Module) => void): void {
  coming.then(use, () => tell("tl:toast", { text: "The server could not be reached.", tone: "bad" }));
}
