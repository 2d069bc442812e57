// The code picker: a search over all codes; Enter takes the marked one, a new name makes a new code.

interface Choice {
  value: string;
  label: string;
  tone: string;
}

export class Picker {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private at = 0;
  private shown: Choice[] = [];
  private done: (code: string) => void = () => undefined;

  constructor(private readonly dialog: HTMLDialogElement) {
    this.input = dialog.querySelector("input") as HTMLInputElement;
    this.list = dialog.querySelector("[role=listbox]") as HTMLElement;
    this.input.addEventListener("input", () => this.draw());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
      if (option) this.take(Number(option.dataset["at"]));
    });
  }

  open(done: (code: string) => void): void {
    this.done = done;
    this.input.value = "";
    this.draw();
    this.dialog.showModal();
    this.input.focus();
  }

  private all(): Choice[] {
    const template = document.querySelector<HTMLTemplateElement>("#all-codes");
    return [...(template?.content.querySelectorAll("option") ?? [])].map((option) => ({
      value: option.value,
      label: option.textContent ?? "",
      tone: option.dataset["tone"] ?? "",
    }));
  }

  private draw(): void {
    const typed = this.input.value.trim();
    const low = typed.toLowerCase();
    const found = this.all().filter((one) => one.label.toLowerCase().includes(low));
    this.shown = found.slice(0, 40);
    if (typed && !found.some((one) => one.label.toLowerCase() === low)) this.shown.push({ value: typed, label: `New code “${typed}”`, tone: "" });
    this.at = 0;
    this.list.replaceChildren(...this.shown.map((one, index) => this.option(one, index)));
    this.mark();
  }

  private option(one: Choice, index: number): HTMLElement {
    const item = document.createElement("li");
    item.id = `pick-${index}`;
    item.role = "option";
    item.dataset["at"] = String(index);
    const chip = document.createElement("span");
    chip.className = `chip ${one.tone}`;
    chip.textContent = one.label;
    item.append(chip);
    return item;
  }

  private mark(): void {
    for (const [index, item] of [...this.list.children].entries()) {
      item.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) item.scrollIntoView({ block: "nearest" });
    }
    this.input.setAttribute("aria-activedescendant", this.shown.length ? `pick-${this.at}` : "");
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : this.shown.length - 1;
      if (this.shown.length) this.at = (this.at + step) % this.shown.length;
      this.mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.take(this.at);
    }
  }

  private take(index: number): void {
    const chosen = this.shown[index];
    if (!chosen) return;
    this.dialog.close();
    this.done(chosen.value);
  }
}
