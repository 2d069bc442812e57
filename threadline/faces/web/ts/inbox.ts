// The inbox by keyboard: what was judged leaves at once, the next note is there already, and the
// server is told meanwhile. What it refuses comes back, marked, with a way to try again.

import { Fragments, bare, send, type Said } from "./parts/fragments";
import { bind } from "./parts/keys";
import { tell } from "./parts/events";
import { PartOfNote } from "./inbox/part";
import { bindAnswers } from "./inbox/answers";

const AHEAD = 3; // notes that are asked for before they are needed
const NEAR_END = 12; // lines left below when further ones are asked for

interface Done {
  key: string;
  line: HTMLElement;
  before: ChildNode | null;
  label: string;
  sent: Promise<Said | null>;
}

class Inbox {
  private readonly list: HTMLElement;
  private readonly pane: HTMLElement;
  private readonly fragments = new Fragments();
  private readonly done: Done[] = [];
  private readonly part = new PartOfNote();
  private readonly settling = new Map<string, Promise<void>>(); // notes whose last answer is being taken back
  private left: number;
  private exact: boolean;
  private wanted = "";

  constructor(private readonly root: HTMLElement) {
    this.list = root.querySelector<HTMLElement>("[data-list]")!;
    this.pane = root.querySelector<HTMLElement>("[data-note]")!;
    this.left = Number(root.dataset["count"] ?? 0);
    this.exact = !root.querySelector("[data-left]")?.textContent?.includes("+");
    root.addEventListener("submit", (event) => this.submitted(event));
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("input", (event) => this.typed(event));
    bind("inbox", {
      "inbox.next": () => this.turn(1),
      "inbox.previous": () => this.turn(-1),
      "inbox.link": () => this.press(".judging .sugg[name=feature]"),
      "inbox.weight": () => this.weigh(),
      "inbox.undo": () => void this.undo(),
      "inbox.skip": () => this.skip(),
      "inbox.quote": (event) => this.part.turn(event.shiftKey ? -1 : 1),
    });
    this.arrived(false);
  }

  // ---- where we are ----

  private get lines(): HTMLAnchorElement[] {
    return [...this.list.querySelectorAll<HTMLAnchorElement>("a.msg")];
  }

  private get at(): string {
    return this.pane.querySelector<HTMLElement>("[data-at]")?.dataset["at"] ?? "";
  }

  private line(key: string): HTMLAnchorElement | null {
    return this.list.querySelector(`a.msg[data-key-of="${CSS.escape(key)}"]`);
  }

  private address(key: string): string {
    const asked = new URLSearchParams(location.search);
    asked.set("at", key);
    asked.delete("find");
    asked.delete("cursor");
    return `${location.pathname.replace(/\/inbox$/, "/inbox-note")}?${asked}`;
  }

  private turn(step: 1 | -1): boolean {
    const lines = this.lines;
    const here = lines.findIndex((one) => one.dataset["keyOf"] === this.wanted);
    const next = lines[here < 0 ? 0 : here + step];
    if (next) void this.show(next.dataset["keyOf"] ?? "");
    return true;
  }

  async show(key: string, focus = true): Promise<void> {
    this.wanted = key;
    if (this.at !== key) this.leave();
    for (const one of this.lines) {
      if (one.dataset["keyOf"] === key) {
        one.setAttribute("aria-current", "true");
        one.scrollIntoView({ block: "nearest" });
      } else one.removeAttribute("aria-current");
    }
    this.root.dataset["open"] = "";
    const asked = new URLSearchParams(location.search);
    asked.set("at", key);
    history.replaceState(history.state, "", `${location.pathname}?${asked}`);
    try {
      const markup = await this.fragments.get(this.address(key));
      if (this.wanted !== key) return; // somebody was faster with the keys
      this.pane.innerHTML = markup;
      this.arrived(focus);
    } catch {
      tell("tl:toast", { text: `${key} cannot be read just now.`, tone: "bad", action: { label: "Retry", run: () => void this.show(key) } });
    }
  }

  // What is shown until the next note is there answers to nothing: a quick key would judge it again.
  private leave(): void {
    for (const one of this.pane.querySelectorAll("[data-key]")) one.removeAttribute("data-key");
    for (const one of this.pane.querySelectorAll<HTMLButtonElement>("button")) one.disabled = true;
  }

  private arrived(focus: boolean): void {
    this.wanted = this.at;
    this.part.watch(this.pane.querySelector<HTMLElement>("[data-said]"), this.pane.querySelector<HTMLElement>("[data-part]"));
    bindAnswers(this.pane);
    const undo = this.pane.querySelector<HTMLElement>("[data-undo]");
    if (undo) undo.hidden = this.done.length === 0;
    if (focus) {
      this.pane.scrollTop = 0;
      this.pane.querySelector<HTMLElement>("#said")?.focus({ preventScroll: true });
    }
    const lines = this.lines;
    const here = lines.findIndex((one) => one.dataset["keyOf"] === this.at);
    for (const one of lines.slice(here + 1, here + 1 + AHEAD)) {
      this.fragments.get(this.address(one.dataset["keyOf"] ?? "")).catch(() => undefined);
    }
    if (lines.length - here < NEAR_END) void this.more();
  }

  private async more(): Promise<void> {
    const last = this.list.querySelector<HTMLElement>("[data-more]");
    const address = last?.dataset["more"];
    if (!last || !address) return;
    delete last.dataset["more"];
    try {
      const markup = await this.fragments.get(address);
      last.insertAdjacentHTML("beforebegin", markup);
      last.remove();
    } catch {
      last.dataset["more"] = address;
    }
  }

  // ---- judging ----

  private press(what: string): boolean {
    const button = this.pane.querySelector<HTMLButtonElement>(what);
    button?.click();
    return button !== null;
  }

  private weigh(): void {
    const all = [...this.pane.querySelectorAll<HTMLInputElement>('input[name="weight"]')];
    const now = all.findIndex((one) => one.checked);
    const next = all[(now + 1) % all.length];
    if (next) next.checked = true;
  }

  private submitted(event: SubmitEvent): void {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    if (this.at !== this.wanted && this.pane.contains(form)) return event.preventDefault();
    if (form.matches("[data-find]")) {
      event.preventDefault();
      this.press("[data-found] .sugg");
      return;
    }
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    if (form.dataset["label"] !== undefined && button) {
      event.preventDefault();
      void this.label(form, button);
      return;
    }
    if (form.dataset["triage"] === undefined) return;
    event.preventDefault();
    const body = new FormData(form, button);
    body.delete("then");
    const quote = this.part.quote;
    const merging = button?.name === "into";
    if (quote && !merging) body.set("quote", quote);
    if (form.dataset["triage"] === "make") body.set("weight", String(new FormData(this.main).get("weight") ?? "0"));
    if (button?.name === "feature" && this.staying) void this.linkAndStay(button, body);
    else this.judge(addressOf(form, button), body, labelOf(form, button));
  }

  private get main(): HTMLFormElement {
    return this.pane.querySelector<HTMLFormElement>("#triage")!;
  }

  private get staying(): boolean {
    return this.pane.querySelector<HTMLInputElement>("[data-stay]")?.checked ?? false;
  }

  private async linkAndStay(button: HTMLButtonElement, body: FormData): Promise<void> {
    const key = this.at;
    button.closest("li")?.remove();
    try {
      const said = await send(addressOf(this.main, button), body);
      tell("tl:toast", { text: `${key} is linked to ${button.value}.`, ...(said.undo ? { undo: said.undo } : {}) });
      this.fragments.forget(this.address(key));
      if (this.wanted === key) await this.show(key);
      const stay = this.pane.querySelector<HTMLInputElement>("[data-stay]");
      if (stay && this.wanted === key) stay.checked = true;
    } catch (error) {
      this.failed(key, (error as Error).message, () => void this.linkAndStay(button, body));
    }
  }

  private async label(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
    const key = this.at;
    const body = new FormData(form, button);
    body.delete("then");
    try {
      await send(addressOf(form, button), body);
      this.fragments.forget(this.address(key));
      tell("tl:changed", { keys: [key] });
      if (this.wanted === key) await this.show(key, false);
    } catch (error) {
      this.failed(key, (error as Error).message, () => void this.label(form, button));
    }
  }

  private judge(address: string, body: FormData, label: string): void {
    const key = this.at;
    const line = this.line(key)?.closest("li") ?? null;
    const next = this.neighbour(line);
    const one: Done = { key, line: line ?? document.createElement("li"), before: line?.nextSibling ?? null, label, sent: Promise.resolve(null) };
    line?.remove();
    this.count(-1);
    const sending = (this.settling.get(key) ?? Promise.resolve()).then(() => send(address, body));
    one.sent = sending.then(
      (said) => said,
      (error: Error) => {
        this.back(one);
        one.line.classList.add("failed");
        this.failed(key, error.message, () => {
          one.line.classList.remove("failed");
          void this.show(key).then(() => this.judge(address, body, label));
        });
        return null;
      },
    );
    this.done.push(one);
    tell("tl:toast", { text: `${key} ${label}.`, action: { label: "Undo", run: () => void this.undo(one) } });
    void one.sent.then(() => tell("tl:changed", { keys: [key] }));
    if (next) void this.show(next);
    else this.finished();
  }

  private neighbour(line: HTMLElement | null): string {
    const after = line?.nextElementSibling?.querySelector<HTMLElement>("a.msg") ?? line?.previousElementSibling?.querySelector<HTMLElement>("a.msg");
    return after?.dataset["keyOf"] ?? this.lines.find((one) => one.dataset["keyOf"] !== this.at)?.dataset["keyOf"] ?? "";
  }

  private failed(key: string, why: string, again: () => void): void {
    tell("tl:toast", { text: `${key} is as it was: ${why}`, tone: "bad", action: { label: "Retry", run: again } });
  }

  private back(one: Done): void {
    const place = one.before?.parentNode === this.list ? one.before : this.list.firstChild;
    this.list.insertBefore(one.line, place);
    const index = this.done.indexOf(one);
    if (index >= 0) this.done.splice(index, 1);
    this.count(1);
  }

  private async undo(one = this.done.at(-1)): Promise<void> {
    if (!one || !this.done.includes(one)) return;
    this.back(one);
    void this.show(one.key); // as it was read before: that is how it is again
    const settled = this.takeBack(one);
    this.settling.set(one.key, settled);
    await settled;
    if (this.settling.get(one.key) === settled) this.settling.delete(one.key);
  }

  private async takeBack(one: Done): Promise<void> {
    const said = await one.sent;
    if (!said?.undo) return;
    try {
      await send(said.undo, bare());
      tell("tl:toast", { text: `${one.key} is back.` });
      tell("tl:changed", { keys: [one.key] });
    } catch (error) {
      tell("tl:toast", { text: `${one.key} could not be taken back: ${(error as Error).message}`, tone: "bad" });
    }
  }

  private skip(): void {
    const line = this.line(this.at)?.closest("li");
    const next = this.neighbour(line ?? null);
    if (!line || !next) return;
    const last = this.list.querySelector("li.more");
    this.list.insertBefore(line, last);
    void this.show(next);
  }

  private count(step: number): void {
    this.left = Math.max(0, this.left + step);
    const shown = this.root.querySelector("[data-left]");
    if (shown && this.exact) shown.textContent = `${this.left.toLocaleString("en")} to triage`;
    const pace = this.root.querySelector<HTMLElement>("[data-pace]");
    const minutes = Math.max(1, Math.round((this.left * Number(pace?.dataset["pace"] ?? 0)) / 60));
    if (pace && this.exact) pace.textContent = (pace.textContent ?? "").replace(/^about (a minute|\d+ minutes)/, `about ${minutes === 1 ? "a minute" : `${minutes} minutes`}`);
    const chip = document.querySelector(".bar .chip");
    if (chip && this.exact) chip.textContent = shown?.textContent ?? "";
  }

  private finished(): void {
    const template = this.root.querySelector<HTMLTemplateElement>("template[data-done]");
    this.wanted = "";
    this.pane.replaceChildren(template?.content.cloneNode(true) ?? "");
    const undo = this.pane.querySelector("h2");
    undo?.setAttribute("tabindex", "-1");
    undo?.focus();
  }

  // ---- the rest ----

  private clicked(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    if (!target || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const line = target.closest<HTMLAnchorElement>("a.msg");
    const peek = target.closest<HTMLElement>("[data-peek]");
    if (line) {
      event.preventDefault();
      void this.show(line.dataset["keyOf"] ?? "");
    } else if (peek) {
      event.preventDefault();
      tell("tl:open", { key: peek.dataset["peek"] ?? "" });
    } else if (target.closest("[data-back]")) {
      event.preventDefault();
      delete this.root.dataset["open"];
      this.line(this.wanted)?.focus();
    } else if (target.closest("[data-skip]")) this.skip();
    else if (target.closest("[data-undo]")) void this.undo();
    else if (target.closest("[data-part-clear]")) this.part.clear();
  }

  private typing = 0;

  private typed(event: Event): void {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || field.name !== "find") return;
    window.clearTimeout(this.typing);
    this.typing = window.setTimeout(() => void this.find(field), 90);
  }

  private async find(field: HTMLInputElement): Promise<void> {
    const form = field.form;
    const place = this.pane.querySelector<HTMLElement>("[data-found]");
    const address = form?.dataset["find"];
    if (!address || !place) return;
    const words = field.value.trim();
    try {
      const markup = words ? await this.fragments.get(`${address}&find=${encodeURIComponent(words)}`) : "";
      if (field.value.trim() !== words) return;
      place.innerHTML = markup;
      place.scrollIntoView({ block: "nearest" });
    } catch {
      place.textContent = "Features cannot be searched just now.";
    }
  }
}

// A button's own address, where it has one: without, its property says the page's.
function addressOf(form: HTMLFormElement, button: HTMLButtonElement | null): string {
  return button?.getAttribute("formaction") || form.action;
}

function labelOf(form: HTMLFormElement, button: HTMLButtonElement | null): string {
  if (button?.name === "feature") return `is linked to ${button.value}`;
  if (button?.name === "into") return `is merged into ${button.value}`;
  return form.dataset["triage"] === "make" ? "became a feature" : "is declined";
}

const root = document.querySelector<HTMLElement>("[data-inbox]");
if (root) new Inbox(root);
