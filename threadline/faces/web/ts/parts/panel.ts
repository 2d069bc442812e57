// The side panel: a record beside the page it was opened from, with an address of its own
// (?open=F-112). Back closes it, Escape too, and the focus returns to where it came from. Links
// to records and their pages, and all forms, work inside it. Under 900 px it is the full page.

import { askPart, formData, recordAt, setApart, type Part } from "./asking";
import { focusProblems } from "./attention";
import { hear, tell } from "./events";
import { bind, isTyping } from "./keys";
import { icon, make } from "./making";
import { at } from "./page";
import { flashesIn } from "./toasts";

const WIDE = "(width >= 900px)";
const WIDTH = "tl-panel-width";
const [LEAST, USUAL, MOST] = [360, 480, 860];

let panel: HTMLElement | null = null;
let inside: HTMLElement | null = null;
let shown: string | null = null; // the key
let path = ""; // the page below it, such as "edit"
let cameFrom: HTMLElement | null = null;
let asked = 0;
let own = false; // the change that is told came from here, and is shown already
let unbind: (() => void)[] = [];

export function offerPanel(): void {
  hear("tl:open", ({ key, path: below, stay }) => void open(key, below ?? "", stay ?? false, true));
  hear("tl:changed", ({ keys }) => {
    if (!own && shown && path === "" && (keys.length === 0 || keys.includes(shown)) && !busy()) void show(at(shown), shown, true);
  });
  hear("tl:close", () => void leave());
  window.addEventListener("popstate", () => follow());
  follow();
}

export function openKey(): string | null {
  return shown;
}

function follow(): void {
  const wanted = new URL(location.href).searchParams.get("open");
  if (wanted === shown) return;
  if (wanted && /^[A-Z][A-Z0-9]{0,9}-\d{1,9}$/.test(wanted)) void open(wanted, "", true, false);
  else if (shown) shut();
}

async function open(key: string, below: string, stay: boolean, push: boolean): Promise<void> {
  const address = at(below ? `${key}/${below}` : key);
  if (!matchMedia(WIDE).matches) {
    if (push) location.assign(address);
    else location.replace(address);
    return;
  }
  const focus = document.activeElement;
  if (!panel && focus instanceof HTMLElement && focus !== document.body) cameFrom = focus;
  frame();
  if (push && key !== shown) {
    const url = new URL(location.href);
    url.searchParams.set("open", key);
    if (shown === null) history.pushState({ panel: true }, "", url);
    else history.replaceState(history.state, "", url);
  }
  await show(address, key, stay);
}

async function show(address: string, key: string, stay: boolean): Promise<void> {
  const mine = ++asked;
  [shown, path] = [key, recordAt(address)?.rest.replace(/\?.*/, "") ?? ""];
  if (path === "" && inside?.querySelector<HTMLElement>(".part")?.dataset["key"] !== key) outline(key);
  const slow = setTimeout(() => inside?.setAttribute("aria-busy", "true"), 300);
  try {
    const part = await askPart(address, "panel");
    if (mine === asked) fill(part, stay);
  } catch {
    tell("tl:toast", { text: "The server could not be reached.", tone: "bad", action: { label: "Try again", run: () => void show(address, key, stay) } });
  } finally {
    clearTimeout(slow);
  }
}

// What this page knows of a record already, at once and in its place; the rest follows.
function outline(key: string): void {
  const known = [...document.querySelectorAll<HTMLAnchorElement>(`.main a[href$="/${key}"]`)].map((one) => one.textContent.trim().replace(key, "").trim());
  const title = known.find((text) => text !== "");
  if (title === undefined) return;
  const hero = make("header", { class: "hero" }, [make("div", { class: "line" }, [make("span", { class: "chip" }, ["\u00a0"])]), make("div", { class: "title-line" }, [make("h1", {}, [title])])]);
  inside?.replaceChildren(
    make("article", { class: "part bones" }, [
      make("header", { class: "bar" }, [make("nav", { class: "crumbs" }, [make("span", { class: "key" }, [key])]), make("div", { class: "actions" }, [make("span", { class: "btn small" }, ["\u00a0"])])]),
      make("div", { class: "page" }, [hero, make("div", { class: "skeleton" }, Array.from({ length: 7 }, () => make("i")))]),
    ]),
  );
}

function fill(part: Part, stay: boolean): void {
  if (!panel || !inside) return;
  const content = part.root ?? part.error;
  if (!content) {
    location.assign(part.address);
    return;
  }
  inside.removeAttribute("aria-busy");
  for (const toast of flashesIn(content)) tell("tl:toast", toast);
  setApart(content, "panel-");
  const key = part.root?.dataset["key"];
  const scroll = key !== undefined && key === inside.querySelector<HTMLElement>("article.part")?.dataset["key"] ? inside.scrollTop : 0;
  inside.replaceChildren(content);
  inside.scrollTop = scroll;
  panel.setAttribute("aria-label", content.dataset["title"] ?? "Record");
  panel.querySelector<HTMLAnchorElement>("[data-full]")?.setAttribute("href", part.address);
  const here = recordAt(part.address);
  if (here) [shown, path] = [here.key, here.rest.replace(/\?.*/, "")];
  tell("tl:shown", { root: content });
  tell("tl:opened", { key: shown });
  if (content.querySelector("#panel-problems")) focusProblems(content);
  else if (!stay) focusHeading();
}

function focusHeading(): void {
  const heading = inside?.querySelector<HTMLElement>("h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

// ---- the frame --------------------------------------------------------------------------

function frame(): void {
  if (panel) return;
  const close = make("button", { class: "btn quiet square", type: "button", "data-key": "panel.close", title: "Close (Esc)", "aria-label": "Close" });
  close.append(icon("M4 4l8 8M12 4l-8 8"));
  const step = (by: 1 | -1, label: string, shape: string, hint: string): HTMLButtonElement => {
    const button = make("button", { class: "btn quiet square", type: "button", title: `${label} (${hint})`, "aria-label": label }, []);
    button.append(icon(shape));
    button.addEventListener("click", () => shown && tell("tl:step", { from: shown, by }));
    return button;
  };
  inside = make("div", { class: "panel-inside" });
  const full = make("a", { class: "btn quiet square", href: "#", "data-full": "", "data-key": "panel.full", title: "Open in full (Shift O)", "aria-label": "Open in full" });
  full.append(icon("M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9"));
  panel = make("aside", { class: "panel", "aria-label": "Record" }, [
    handle(),
    make("div", { class: "panel-bar" }, [step(-1, "Record before", "M3.5 10 8 5.5 12.5 10", "["), step(1, "Next record", "M3.5 6 8 10.5 12.5 6", "]"), full, close]),
    inside,
  ]);
  close.addEventListener("click", leave);
  inside.addEventListener("click", clicked);
  inside.addEventListener("submit", (event) => void sent(event));
  document.querySelector(".app")?.append(panel);
  resize(Number(localStorage.getItem(WIDTH)) || USUAL);
  const steps = { "panel.next": () => step_(1), "panel.previous": () => step_(-1), "panel.full": () => full.click() };
  unbind = [
    bind("panel", steps, { within: panel }),
    bind("panel", { "panel.close": leave }, { within: panel, typing: true }),
    bind("panel", { "panel.close": leave, "panel.next": far(1), "panel.previous": far(-1) }),
  ];
}

function step_(by: 1 | -1): void {
  if (shown) tell("tl:step", { from: shown, by });
}

// With the focus in the list, j and k are the list's.
function far(by: 1 | -1): (event: KeyboardEvent) => boolean {
  return (event) => {
    if (event.key !== "[" && event.key !== "]") return false;
    step_(by);
    return true;
  };
}

function handle(): HTMLElement {
  const made = make("div", { class: "panel-edge", role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": "Width of the panel", "aria-valuemin": String(LEAST), "aria-valuemax": String(MOST) });
  made.addEventListener("pointerdown", (event) => {
    made.setPointerCapture(event.pointerId);
    const move = (now: PointerEvent): void => resize(innerWidth - now.clientX);
    made.addEventListener("pointermove", move);
    made.addEventListener("pointerup", () => made.removeEventListener("pointermove", move), { once: true });
  });
  made.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: 24, ArrowRight: -24 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    resize((panel?.offsetWidth ?? USUAL) + by);
  });
  made.addEventListener("dblclick", () => resize(USUAL));
  return made;
}

function resize(to: number): void {
  const width = Math.round(Math.min(Math.max(to, LEAST), MOST, innerWidth - 300));
  document.documentElement.style.setProperty("--panel", `${width}px`);
  panel?.querySelector(".panel-edge")?.setAttribute("aria-valuenow", String(width));
  localStorage.setItem(WIDTH, String(width));
}

// Escape and the cross: back to the address before, so that Back does not open it again.
function leave(): boolean {
  if (!panel) return false;
  if (busy() && isTyping(document.activeElement)) {
    focusHeading(); // the first Escape leaves the field, what was typed stays
    return true;
  }
  if ((history.state as { panel?: boolean } | null)?.panel) history.back();
  else {
    const url = new URL(location.href);
    url.searchParams.delete("open");
    history.replaceState(null, "", url);
    shut();
  }
  return true;
}

function shut(): void {
  const held = panel?.contains(document.activeElement) ?? false;
  const key = shown;
  for (const stop of unbind) stop();
  panel?.remove();
  [panel, inside, shown, path, unbind] = [null, null, null, "", []];
  tell("tl:opened", { key: null });
  if (!held && document.activeElement !== document.body) return;
  const row = key === null ? undefined : [...document.querySelectorAll<HTMLAnchorElement>(".main a[href]")].find((one) => recordAt(one.href)?.key === key);
  const grid = row?.closest<HTMLElement>("tl-grid"); // it knows itself which of its cells has the focus
  (grid ?? row ?? (cameFrom?.isConnected ? cameFrom : document.getElementById("main")))?.focus();
}

// Whether something in the panel is half written.
function busy(): boolean {
  const fields = [...(inside?.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden], [type=checkbox], [type=radio]), textarea") ?? [])];
  return fields.some((one) => one.value !== one.defaultValue);
}

// ---- what happens inside ----------------------------------------------------------------

function clicked(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const hash = link.getAttribute("href") ?? "";
  if (hash.startsWith("#")) {
    event.preventDefault();
    document.getElementById(hash.slice(1))?.scrollIntoView({ block: "nearest" });
    return;
  }
  const record = recordAt(link.href);
  if (!record || link.hasAttribute("download")) return;
  event.preventDefault();
  if (record.rest === "") void open(record.key, "", false, true);
  else void show(link.href, record.key, false);
}

async function sent(event: SubmitEvent): Promise<void> {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method === "dialog" || event.defaultPrevented) return;
  const action = form.getAttribute("action") || at(shown ?? "");
  event.preventDefault();
  if (form.method === "get") {
    const query = new URLSearchParams([...new FormData(form, event.submitter)].map(([n, v]) => [n, String(v)]));
    await show(`${action}?${query}`, shown ?? "", false);
    return;
  }
  const mine = ++asked;
  form.setAttribute("aria-busy", "true");
  try {
    const part = await askPart(action, "panel", formData(form, event.submitter));
    if (mine !== asked) return;
    const gone = part.ok && part.root !== null && part.root.dataset["key"] === undefined && recordAt(part.address) === null;
    const was = shown;
    if (gone && part.root) {
      for (const toast of flashesIn(part.root)) tell("tl:toast", toast);
      leave();
    } else fill(part, false);
    if (part.ok && was) {
      own = true;
      tell("tl:changed", { keys: [was] });
      own = false;
    }
  } catch {
    tell("tl:toast", { text: "The server could not be reached. What you wrote is still here.", tone: "bad" });
  } finally {
    form.removeAttribute("aria-busy");
  }
}
