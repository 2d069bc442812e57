// Several people at one record: who else looks at it, on the page and in the panel, and what
// they change, shown as soon as nothing that is being typed would be lost.

import { hear, tell } from "./events";
import { isTyping } from "./keys";
import { make } from "./making";
import { at, facts } from "./page";
import { listen } from "../store/live";

interface Other {
  name: string;
  initials: string;
  field: string;
}
interface News {
  cursor: string;
  n?: number[];
  by?: Record<string, string>;
}

const BEAT = 4_000; // milliseconds between two times of saying that one is here

// opened: the key of what is in the panel already.
export function workTogether(root: Document, opened: string | null): void {
  const page = facts().key;
  const path = facts().path;
  const slug = facts().home.split("/")[2] ?? "";
  let stop = page ? stay(root, page, "#main .bar .actions") : (): void => undefined;
  const meet = (key: string | null): void => {
    if (page) return;
    stop();
    stop = key ? stay(root, key, ".panel header, .panel .bar, .panel") : (): void => undefined;
  };
  hear("tl:opened", ({ key }) => meet(key));
  meet(opened);
  if (!page || !path || !slug || root.querySelector("tl-grid, tl-board")) return;
  let cursor: string | null = null;
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking || root.visibilityState !== "visible") return;
    asking = true;
    try {
      const answer = await fetch(`${at(path)}/news?${new URLSearchParams({ columns: "title", after: cursor ?? "" })}`);
      if (!answer.ok) return;
      const news = (await answer.json()) as News;
      const number = page.slice(page.lastIndexOf("-") + 1);
      const who = news.by?.[number];
      if (cursor !== null && who !== undefined) show(root, page, who);
      cursor = news.cursor;
    } catch {
      // asked again at the next ring
    } finally {
      asking = false;
    }
  };
  void ask();
  listen(slug, root.documentElement.dataset["events"] ?? "", (ring) => {
    if (ring.key === undefined || ring.key === page) void ask();
  });
  root.addEventListener("visibilitychange", () => void ask());
}

function show(root: Document, key: string, who: string): void {
  const busy = isTyping(root.activeElement) || root.querySelector("#main [data-here], dialog[open]") !== null;
  if (!busy) tell("tl:changed", { keys: [key] });
  const again = busy ? { action: { label: "Show", run: () => location.reload() } } : {};
  tell("tl:toast", { text: `${who} changed ${key}.`, tone: "info", ...again });
}

// Say that one is here until the function it gives back is called; show who else is.
function stay(root: Document, key: string, places: string): () => void {
  const page = `${Date.now()}${Math.random()}`;
  const others = make("span", { class: "present", role: "status", "aria-label": "Also here" }, []);
  const say = async (gone = false): Promise<void> => {
    const sent = new URLSearchParams({ csrfmiddlewaretoken: facts().csrf, field: fieldOf(root), page });
    if (gone) {
      sent.set("gone", "1");
      navigator.sendBeacon(at(`${key}/here`), sent);
      return;
    }
    if (root.visibilityState !== "visible") return;
    try {
      const answer = await fetch(at(`${key}/here`), { method: "POST", body: sent });
      if (answer.ok) draw(((await answer.json()) as { here: Other[] }).here);
    } catch {
      // nobody is shown until the server answers again
    }
  };
  const draw = (here: Other[]): void => {
    const place = places.split(", ").map((one) => root.querySelector(one)).find((one) => one !== null);
    if (here.length > 0 && place && !others.isConnected) place.prepend(others);
    others.replaceChildren(
      ...here.map((one) => {
        const doing = one.field ? ` is changing ${one.field.replaceAll("_", " ")}` : " is here too";
        return make("span", { class: one.field ? "av busy" : "av", role: "img", title: one.name + doing, "aria-label": one.name + doing }, [one.initials]);
      }),
    );
    if (here.length === 0) others.remove();
  };
  const timer = setInterval(() => void say(), BEAT);
  const focused = (event: FocusEvent): void => {
    if (event.target instanceof Element && isTyping(event.target)) void say();
  };
  const leave = (): void => void say(true);
  root.addEventListener("focusin", focused);
  addEventListener("pagehide", leave);
  void say();
  return () => {
    clearInterval(timer);
    root.removeEventListener("focusin", focused);
    removeEventListener("pagehide", leave);
    others.remove();
    leave();
  };
}

function fieldOf(root: Document): string {
  const active = root.activeElement;
  return isTyping(active) && active?.closest("#main form, .panel form") ? (active.getAttribute("name") ?? "") : "";
}
