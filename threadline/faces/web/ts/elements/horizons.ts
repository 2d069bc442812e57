// <tl-horizons>: cards between now, next and later, by drag. The buttons on each card do the same without one.

import { hear, tell } from "../parts/events";
import { change, drawnAnew } from "./moving";

class Horizons extends HTMLElement {
  private held: HTMLElement | null = null;
  private stop: () => void = () => undefined;

  connectedCallback(): void {
    this.stop = hear("tl:changed", () => void this.refresh());
    if (!this.dataset["may"]) return;
    this.addEventListener("dragstart", (event) => {
      this.held = event.target instanceof Element ? event.target.closest<HTMLElement>("li[data-n]") : null;
      this.held?.classList.add("held");
    });
    this.addEventListener("dragover", (event) => {
      const column = columnOf(event.target);
      this.mark(column);
      if (this.held && column) event.preventDefault();
    });
    this.addEventListener("dragend", () => this.letGo());
    this.addEventListener("drop", (event) => {
      const column = columnOf(event.target);
      const card = this.held;
      this.letGo();
      if (!card || !column || column.contains(card)) return;
      event.preventDefault();
      void this.place(card, column);
    });
    this.dataset["ready"] = "";
  }

  disconnectedCallback(): void {
    this.stop();
  }

  private async place(card: HTMLElement, column: HTMLElement): Promise<void> {
    column.querySelector("ul")?.append(card);
    const edit = { n: Number(card.dataset["n"]), do: "place_feature", given: { horizon: column.dataset["horizon"] ?? "" } };
    await change("features", edit, `${card.dataset["title"]}: ${column.querySelector("h2")?.textContent}.`);
    tell("tl:changed", { keys: [`F-${edit.n}`] });
  }

  private async refresh(): Promise<void> {
    const drawn = await drawnAnew("tl-horizons");
    if (drawn && !this.held) this.replaceChildren(...[...drawn.childNodes].map((one) => document.importNode(one, true)));
  }

  private mark(column: HTMLElement | null): void {
    for (const one of this.querySelectorAll(".road-column.over")) if (one !== column) one.classList.remove("over");
    if (this.held) column?.classList.add("over");
  }

  private letGo(): void {
    this.held?.classList.remove("held");
    this.held = null;
    this.mark(null);
  }
}

function columnOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".road-column[data-horizon]") : null;
}

customElements.define("tl-horizons", Horizons);
