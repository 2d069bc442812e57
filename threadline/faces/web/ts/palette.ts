// The command palette: a dialog with a field and a list (the combobox pattern). It finds any
// record within reach, any place and view, and everything that may be done with what is open
// or selected. Loaded when it is first opened.

import { askJson, askPart, refusalOf } from "./parts/asking";
import { tell, type Events } from "./parts/events";
import { known, said } from "./parts/keys";
import { make } from "./parts/making";
import { best, type Choice } from "./parts/matching";
import { at, facts } from "./parts/page";
import { openQuick } from "./parts/quick";
import { flashesIn } from "./parts/toasts";

export interface Start {
  begin: string;
  entered: boolean; // Enter was pressed before the palette was there
  selection: Events["tl:selection"];
  key: string | null;
  seen: string[];
}
interface Found {
  key: string;
  title: string;
  kind: string;
  state: string;
  tone: string;
  href: string;
}
interface Deed {
  label: string;
  href?: string;
  action?: string;
  key?: string;
  fields?: [string, string][];
}
interface Answer {
  places: { label: string; sub: string; href: string }[];
  makes: { label: string; path: string; href: string }[];
  on: string;
  actions: Deed[];
  records: Found[];
}
interface Item extends Choice {
  key?: string;
  tone?: string;
  state?: string;
  hint?: string;
  run: (beside: boolean) => void;
}

const PAUSE = 90;
let open: HTMLDialogElement | null = null;

export function openPalette(start: Start): void {
  if (open) return;
  new Palette(start);
}

class Palette {
  private readonly field = make("input", { class: "palette-field", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-label": "Find or do", autocomplete: "off", spellcheck: "false", placeholder: "Find a record, go somewhere, do something" });
  private readonly list = make("div", { class: "palette-list", id: "palette-list", role: "listbox", "aria-label": "What was found" });
  private readonly status = make("p", { class: "visually-hidden", role: "status" });
  private readonly dialog: HTMLDialogElement;
  private items: Item[] = [];
  private chosen = 0;
  private offered: { group: string; items: Item[] }[] = [];
  private recent: Item[] = [];
  private found: Item[] = [];
  private timer = 0;
  private begun = false; // what is offered is here
  private searching = false; // what was typed is being looked for
  private wanted: { beside: boolean } | null = null; // Enter, pressed before anything was there to do
  private asking: AbortController | null = null;

  constructor(private readonly start: Start) {
    const foot = make("footer", { class: "palette-foot" }, [
      make("span", {}, [make("kbd", {}, ["↵"]), " do or open"]),
      make("span", {}, [make("kbd", {}, ["Shift ↵"]), " open at the side"]),
      make("span", {}, [make("kbd", {}, ["Esc"]), " close"]),
    ]);
    this.dialog = make("dialog", { class: "palette", "aria-label": "Find or do" }, [this.field, this.list, foot, this.status]);
    this.field.addEventListener("input", () => {
      this.wanted = null;
      this.typed();
    });
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
      if (option) this.run(Number(option.dataset["at"]), event.shiftKey);
    });
    this.list.addEventListener("pointermove", (event) => {
      const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
      if (option && Number(option.dataset["at"]) !== this.chosen) this.choose(Number(option.dataset["at"]), false);
    });
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => {
      this.asking?.abort();
      this.dialog.remove();
      open = null;
    });
    document.body.append(this.dialog);
    open = this.dialog;
    this.field.value = start.begin;
    if (start.entered) this.wanted = { beside: false };
    this.dialog.showModal();
    this.draw();
    void this.begin();
  }

  // Places, verbs and what was looked at last; asked for once.
  private async begin(): Promise<void> {
    const { selection, key, seen } = this.start;
    const asked = new URLSearchParams({ keys: seen.filter((one) => one !== key).join(",") });
    if (selection.ids.length > 0) {
      asked.set("type", selection.type);
      asked.set("ids", selection.ids.slice(0, 500).join(","));
    } else if (key) asked.set("key", key);
    const answer = await askJson<Answer>(at(`palette?${asked}`));
    this.begun = true;
    if (!answer) return;
    const hints = new Map(known().filter((one) => one.to !== undefined).map((one) => [at(one.to ?? ""), one.keys[0] ?? ""]));
    const here = facts().path; // what is made most likely comes first
    const makes = [...answer.makes.filter((one) => one.path === here), ...answer.makes.filter((one) => one.path !== here)];
    this.offered = [
      { group: answer.on, items: answer.actions.map((deed) => this.deed(deed)) },
      { group: "Make", items: makes.map((one) => ({ label: one.label, run: () => openQuick(one.path) })) },
      {
        group: "Go to",
        items: answer.places.map((one) => ({ label: one.label, sub: one.sub, hint: hints.get(one.href) ?? "", run: () => location.assign(one.href) })),
      },
    ];
    this.recent = answer.records.map((one) => this.record(one));
    if (this.field.value.trim()) this.typed();
    else this.draw();
    this.runWanted();
  }

  // Enter does what the list says first; where the list is still coming, it waits for it.
  private runWanted(): void {
    if (this.wanted && (this.items.length > 0 || (this.begun && !this.searching))) this.run(0, this.wanted.beside);
  }

  private record(one: Found): Item {
    return { label: one.title, sub: one.kind, key: one.key, state: one.state, tone: one.tone, run: (beside) => (beside ? tell("tl:open", { key: one.key }) : location.assign(one.href)) };
  }

  private deed(one: Deed): Item {
    const below = one.href && one.key ? one.href.split(`/${one.key}/`)[1] : undefined;
    const run = (): void => {
      if (one.action) void this.send(one.action, one.fields ?? [], one.key);
      else if (below && one.key && facts().key !== one.key) tell("tl:open", { key: one.key, path: below });
      else if (one.href) location.assign(one.href);
    };
    return { label: one.label, run };
  }

  // With something on the page that shows changes by itself the page stays; otherwise it goes on to the answer.
  private async send(action: string, fields: [string, string][], key?: string): Promise<void> {
    const stays = document.querySelector(".list, aside.panel, [data-refreshes]") !== null;
    const sent = new FormData();
    for (const [name, value] of [["csrfmiddlewaretoken", facts().csrf] as [string, string], ...fields]) sent.append(name, value);
    if (!stays) {
      const form = make("form", { method: "post", action, hidden: true });
      for (const [name, value] of sent) form.append(make("input", { type: "hidden", name, value: String(value) }));
      document.body.append(form);
      form.submit();
      return;
    }
    const part = await askPart(action, "panel", sent);
    if (part.root) for (const toast of flashesIn(part.root)) tell("tl:toast", toast);
    else tell("tl:toast", { text: refusalOf(part, "This could not be done."), tone: "bad" });
    tell("tl:changed", { keys: key ? [key] : [] });
  }

  // ---- the list -------------------------------------------------------------------------

  private typed(): void {
    const query = this.field.value.trim();
    this.draw();
    clearTimeout(this.timer);
    this.asking?.abort();
    this.searching = query.length >= 2;
    if (!this.searching) {
      this.found = [];
      this.draw();
      return;
    }
    this.timer = window.setTimeout(() => void this.search(query), PAUSE);
  }

  private async search(query: string): Promise<void> {
    this.asking = new AbortController();
    try {
      const answer = await askJson<{ records: Found[] }>(at(`palette?q=${encodeURIComponent(query)}`), this.asking.signal);
      if (!answer || this.field.value.trim() !== query) return;
      this.found = answer.records.map((one) => this.record(one));
      this.searching = false;
      this.draw();
      this.runWanted();
      this.status.textContent = this.items.length === 0 ? "Nothing found" : `${this.items.length} found`;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.searching = false;
      this.status.textContent = "The server could not be reached";
      this.runWanted();
    }
  }

  private draw(): void {
    const query = this.field.value.trim();
    const groups: { group: string; items: Item[] }[] = query
      ? [
          { group: "Records", items: this.found },
          ...this.offered.map(({ group, items }) => ({ group, items: best(items, query, 6) })),
        ]
      : [
          ...this.offered.slice(0, 1),
          { group: "Looked at last", items: this.recent },
          ...this.offered.slice(1).map(({ group, items }) => ({ group, items: group === "Go to" ? items.slice(0, 8) : items.slice(0, 5) })),
        ];
    if (query && groups.some((one) => one.group !== "Records" && one.items.some((item) => item.label.toLowerCase().startsWith(query.toLowerCase())))) {
      groups.push(...groups.splice(0, 1)); // a place or verb that begins so comes before records that hold the word
    }
    const shown = groups.filter((one) => one.items.length > 0);
    this.items = shown.flatMap((one) => one.items);
    let index = 0;
    this.list.replaceChildren(
      ...shown.map((one, number) =>
        make("div", { role: "group", "aria-labelledby": `palette-group-${number}` }, [
          make("div", { class: "palette-group", id: `palette-group-${number}`, role: "presentation" }, [one.group]),
          ...one.items.map((item) => this.option(item, index++)),
        ]),
      ),
    );
    if (shown.length === 0) {
      const words = this.searching ? "Looking" : query ? `Nothing is called “${query}”. Press Enter to search the texts of all records.` : "Loading";
      this.list.append(make("div", { class: "palette-none", role: "presentation" }, [words]));
    }
    this.choose(0, true);
  }

  private option(item: Item, index: number): HTMLElement {
    const parts: (HTMLElement | string)[] = [];
    if (item.key) parts.push(make("span", { class: "key" }, [item.key]));
    parts.push(make("span", { class: "palette-label" }, [item.label]));
    if (item.state) parts.push(make("span", { class: `chip ${item.tone ?? ""}` }, [item.state]));
    if (item.sub) parts.push(make("span", { class: "sub" }, [item.sub]));
    if (item.hint) parts.push(make("kbd", { "aria-hidden": "true" }, [said(item.hint)]));
    return make("div", { role: "option", id: `palette-${index}`, "data-at": String(index), "aria-selected": "false" }, parts);
  }

  private choose(index: number, scroll: boolean): void {
    this.list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    this.chosen = index;
    const option = this.list.querySelector(`#palette-${index}`);
    option?.setAttribute("aria-selected", "true");
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
    if (scroll) option?.scrollIntoView({ block: "nearest" });
  }

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const last = this.items.length - 1;
    const moves: Record<string, number> = { ArrowDown: this.chosen >= last ? 0 : this.chosen + 1, ArrowUp: this.chosen <= 0 ? last : this.chosen - 1, PageDown: Math.min(last, this.chosen + 8), PageUp: Math.max(0, this.chosen - 8) };
    const to = moves[event.key];
    if (to !== undefined && last >= 0) {
      event.preventDefault();
      this.choose(to, true);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.items.length === 0 && (!this.begun || this.searching)) this.wanted = { beside: event.shiftKey };
      else this.run(this.chosen, event.shiftKey);
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      this.dialog.close();
    }
  }

  private run(index: number, beside: boolean): void {
    const item = this.items[index];
    const query = this.field.value.trim();
    this.dialog.close();
    if (item) item.run(beside);
    else if (query) location.assign(at(`search?q=${encodeURIComponent(query)}`));
  }
}
