// What two opening brackets offer: records within reach by key or title, to be cited. In the editor and in plain fields.

import { askJson } from "../../parts/asking";
import { make } from "../../parts/making";
import { at } from "../../parts/page";

export interface Found {
  key: string;
  title: string;
  kind: string;
}

const PAUSE = 120; // milliseconds after the last letter before the server is asked
const MOST = 8;
let count = 0;

// The list below the caret. Whoever shows it says where, and what to do with what is taken.
export class Offer {
  private readonly list: HTMLUListElement;
  private readonly around: HTMLElement;
  private found: Found[] = [];
  private current = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = "";
  open = false;

  constructor(
    private readonly field: HTMLElement,
    private readonly take: (found: Found) => void,
  ) {
    count += 1;
    this.list = make("ul", { class: "cite-offer", role: "listbox", id: `offer-${count}`, "aria-label": "Records to cite", hidden: true });
    this.list.addEventListener("mousedown", (event) => {
      const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-at]") : null;
      event.preventDefault(); // the caret stays in the text
      if (option) this.choose(Number(option.dataset["at"]));
    });
    field.setAttribute("aria-controls", this.list.id);
    field.setAttribute("aria-autocomplete", "list");
    this.around = field.closest<HTMLElement>(".writing") ?? field.parentElement ?? document.body;
    if (getComputedStyle(this.around).position === "static") this.around.style.position = "relative";
    this.around.append(this.list);
  }

  show(query: string, place: { left: number; top: number; bottom: number }): void {
    const box = this.around.getBoundingClientRect();
    const room = this.around.clientWidth - 300;
    this.list.style.insetInlineStart = `${Math.max(0, Math.min(place.left - box.left, room))}px`;
    this.list.style.insetBlockStart = `${place.bottom - box.top + 4}px`;
    if (this.open && query === this.asked) return;
    this.open = true;
    this.asked = query;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(query), this.found.length === 0 && query === "" ? 0 : PAUSE);
  }

  hide(): void {
    clearTimeout(this.timer);
    this.open = false;
    this.found = [];
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }

  // Whether the key was for the list.
  press(event: KeyboardEvent): boolean {
    if (!this.open) return false;
    if (event.key === "Escape") this.hide();
    else if (this.found.length === 0) return false;
    else if (event.key === "ArrowDown") this.go(this.current + 1);
    else if (event.key === "ArrowUp") this.go(this.current - 1);
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.current);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  private async ask(query: string): Promise<void> {
    let found: Found[] = [];
    try {
      const path = query === "" ? "palette?q=%20" : `palette?q=${encodeURIComponent(query)}`;
      found = ((await askJson<{ records: Found[] }>(at(path)))?.records ?? []).slice(0, MOST);
    } catch {
      // nothing is offered until the server answers again; what is typed stays
    }
    if (!this.open || this.asked !== query) return;
    this.found = found;
    this.list.replaceChildren(
      ...(found.length > 0
        ? found.map((one, n) => make("li", { role: "option", id: `${this.list.id}-${n}`, "data-at": String(n) }, [make("span", { class: "key" }, [one.key]), make("span", {}, [one.title])]))
        : [make("li", { class: "sub", role: "option", "aria-disabled": "true" }, [query === "" ? "Type a key or words of a title" : `Nothing with “${query}” in it`])]),
    );
    this.list.hidden = false;
    this.go(0);
  }

  private go(to: number): void {
    const { length } = this.found;
    if (length === 0) return;
    this.current = (to + length) % length;
    [...this.list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === this.current)));
    this.list.children[this.current]?.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.current}`);
  }

  private choose(n: number): void {
    const found = this.found[n];
    this.hide();
    if (found) this.take(found);
  }
}

// What is being asked for: the words after two brackets that nothing closes yet.
export function askedFor(before: string): string | null {
  return /\[\[([^[\]\n]{0,60})$/.exec(before)?.[1] ?? null;
}

// The same for a plain field; the list stands below it.
export function completeIn(field: HTMLTextAreaElement): void {
  if (field.hasAttribute("aria-autocomplete")) return;
  const asked = (): string | null => askedFor(field.value.slice(0, field.selectionStart));
  const offer = new Offer(field, ({ key }) => {
    const to = field.selectionStart;
    field.setRangeText(`[[${key}]] `, to - (asked()?.length ?? 0) - 2, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const update = (): void => {
    const query = field.selectionStart === field.selectionEnd ? asked() : null;
    if (query === null) return offer.hide();
    const { left, top, bottom } = field.getBoundingClientRect();
    offer.show(query, { left: left + 8, top, bottom });
  };
  field.addEventListener("input", update);
  field.addEventListener("keydown", (event) => offer.press(event), { capture: true });
  field.addEventListener("blur", () => offer.hide());
  update();
}
