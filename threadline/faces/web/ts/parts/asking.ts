// Asking the server for the inside of a page, and sending forms without leaving the page.

import { facts } from "./page";

export interface Part {
  root: HTMLElement | null; // the article of kit/part.html; null when the answer was another page or a refusal
  address: string; // where the answer came from, after redirects
  ok: boolean;
  error: HTMLElement | null; // what an error page says
}

export async function askPart(address: string, kind: "panel" | "quick", body?: FormData): Promise<Part> {
  const answer = await fetch(address, {
    method: body ? "POST" : "GET",
    headers: { "X-Part": kind, Accept: "text/html" },
    ...(body ? { body } : {}),
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const root = page.querySelector<HTMLElement>("article.part");
  const url = new URL(answer.url);
  const error = answer.ok ? null : root === null ? page.querySelector<HTMLElement>("main .sheet") : root.querySelector("[data-refused]") && root;
  const content = error === null ? root : null;
  return { root: content && document.importNode(content, true), address: url.pathname + url.search, ok: answer.ok, error: error && document.importNode(error, true) };
}

// Why an answer was a refusal, in the server's words.
export function refusalOf(part: Part, otherwise: string): string {
  return part.error?.querySelector(":is(.sheet, [data-refused]) > p")?.textContent ?? otherwise;
}

export async function askJson<T>(address: string, signal?: AbortSignal): Promise<T | null> {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, ...(signal ? { signal } : {}) });
  return answer.ok ? ((await answer.json()) as T) : null;
}

export function formData(form: HTMLFormElement, button?: HTMLElement | null): FormData {
  const sent = new FormData(form);
  if (button instanceof HTMLButtonElement && button.name) sent.append(button.name, button.value);
  if (!sent.has("csrfmiddlewaretoken")) sent.append("csrfmiddlewaretoken", facts().csrf);
  return sent;
}

export function blank(): FormData {
  const sent = new FormData();
  sent.append("csrfmiddlewaretoken", facts().csrf);
  return sent;
}

// Two pages in one document must not share ids: everything inside gets a prefix of its own.
export function setApart(root: HTMLElement, prefix: string): void {
  for (const one of root.querySelectorAll<HTMLElement>("[id]")) one.id = prefix + one.id;
  for (const name of ["for", "popovertarget", "list", "form", "aria-controls"]) {
    for (const one of root.querySelectorAll(`[${name}]`)) one.setAttribute(name, prefix + one.getAttribute(name));
  }
  for (const name of ["aria-labelledby", "aria-describedby"]) {
    for (const one of root.querySelectorAll(`[${name}]`)) {
      const ids = (one.getAttribute(name) ?? "").split(/\s+/).filter(Boolean);
      one.setAttribute(name, ids.map((id) => prefix + id).join(" "));
    }
  }
  for (const one of root.querySelectorAll('a[href^="#"]')) one.setAttribute("href", `#${prefix}${one.getAttribute("href")?.slice(1)}`);
}

// "F-112" and what follows, when an address is a record's in this workspace; null otherwise.
export function recordAt(href: string): { key: string; rest: string } | null {
  const url = new URL(href, location.href);
  const { home } = facts();
  if (url.origin !== location.origin || home === "" || !url.pathname.startsWith(home)) return null;
  const found = /^([A-Z][A-Z0-9]{0,9}-\d{1,9})(?:\/(.*))?$/.exec(url.pathname.slice(home.length));
  return found ? { key: found[1] ?? "", rest: (found[2] ?? "") + url.search } : null;
}
