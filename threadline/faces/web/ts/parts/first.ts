// The first of its kind was made: the page that taught how to becomes the list of it, with its scripts.

// begin: what a list gains from the page's script; given, so that this part brings nothing of it along.
export async function listTheFirst(root: Document, page: Document | null, begin: () => void): Promise<void> {
  const [old, fresh] = [root.querySelector(".main"), page?.querySelector(".main")];
  if (!page || !old?.querySelector(":scope > [data-empty]") || !fresh || fresh.querySelector(":scope > [data-empty]")) return;
  const focused = old.contains(root.activeElement);
  old.replaceChildren(...[...fresh.childNodes].map((one) => root.importNode(one, true)));
  if (focused) old.querySelector<HTMLElement>('a[data-key="create"]')?.focus();
  const here = new Set([...root.scripts].map((one) => one.src));
  for (const { src, type } of page.scripts) if (type === "module" && src && !here.has(src)) await import(src);
  begin();
}
