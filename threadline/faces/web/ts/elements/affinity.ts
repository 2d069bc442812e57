// <tl-affinity>: cards between piles, by drag and by keys. Each card has a form for hands without either.

import { bind } from "../parts/keys";

class Affinity extends HTMLElement {
  private held: HTMLElement | null = null;

  connectedCallback(): void {
    if (!this.dataset["may"]) return;
    this.addEventListener("dragstart", this.lift);
    this.addEventListener("dragend", () => this.letGo());
    this.addEventListener("dragover", this.over);
    this.addEventListener("drop", this.drop);
    bind(
      "affinity",
      {
        "affinity.right": () => this.withCard((card) => this.toNeighbour(card, 1)),
        "affinity.left": () => this.withCard((card) => this.toNeighbour(card, -1)),
        "affinity.down": () => this.withCard((card) => this.step(card, true)),
        "affinity.up": () => this.withCard((card) => this.step(card, false)),
        "affinity.new": () => this.withCard((card) => this.nameNew(card)),
      },
      { within: this },
    );
  }

  private lift = (event: DragEvent): void => {
    this.held = cardOf(event.target);
    this.held?.classList.add("held");
    event.dataTransfer?.setData("text/plain", this.held?.dataset["key"] ?? "");
  };

  private letGo(): void {
    this.held?.classList.remove("held");
    this.held = null;
    for (const pile of this.querySelectorAll(".pile.over")) pile.classList.remove("over");
  }

  private over = (event: DragEvent): void => {
    const pile = pileOf(event.target);
    if (!this.held || !pile) return;
    event.preventDefault();
    for (const other of this.querySelectorAll(".pile.over")) if (other !== pile) other.classList.remove("over");
    pile.classList.add("over");
  };

  private drop = (event: DragEvent): void => {
    const pile = pileOf(event.target);
    const card = this.held;
    this.letGo();
    if (!pile || !card) return;
    event.preventDefault();
    if (pile.dataset["new"]) this.nameNew(card);
    else void this.move(card, pile);
  };

  private withCard(run: (card: HTMLElement) => void): void | boolean {
    const card = document.activeElement instanceof HTMLElement ? document.activeElement.closest<HTMLElement>(".note-card") : null;
    if (!card) return false;
    run(card);
    return undefined;
  }

  private step(card: HTMLElement, down: boolean): void {
    const next = down ? card.nextElementSibling : card.previousElementSibling;
    if (next instanceof HTMLElement) next.focus();
  }

  private toNeighbour(card: HTMLElement, by: number): void {
    const piles = [...this.querySelectorAll<HTMLElement>(".pile:not([data-new])")];
    const there = piles[piles.indexOf(card.closest(".pile") as HTMLElement) + by];
    if (there) void this.move(card, there);
  }

  private async move(card: HTMLElement, pile: HTMLElement): Promise<void> {
    const from = card.parentElement;
    if (!from || pile.contains(card)) return;
    const before = card.nextElementSibling;
    pile.querySelector("ul")?.append(card);
    card.focus();
    this.count();
    if (await this.send({ act: "move", highlight: card.dataset["id"] ?? "", cluster: pile.dataset["cluster"] ?? "" })) {
      this.say(`${card.dataset["key"]} lies in ${pile.querySelector("h2")?.textContent}.`);
      return;
    }
    from.insertBefore(card, before);
    this.count();
    this.say("It could not be moved. Load the page again.");
  }

  private nameNew(card: HTMLElement): void {
    const dialog = this.querySelector<HTMLDialogElement>("#new-cluster");
    const input = this.querySelector<HTMLInputElement>("#new-cluster-name");
    if (!dialog || !input) return;
    input.value = "";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => void this.intoNew(card, dialog.returnValue === "ok" ? input.value.trim() : ""), { once: true });
    dialog.showModal();
    input.focus();
  }

  private async intoNew(card: HTMLElement, name: string): Promise<void> {
    if (!name) return card.focus();
    if (await this.send({ act: "move", highlight: card.dataset["id"] ?? "", new: name })) location.reload();
  }

  private count(): void {
    for (const pile of this.querySelectorAll<HTMLElement>(".pile:not([data-new])")) {
      const said = pile.querySelector(".num");
      if (said) said.textContent = String(pile.querySelectorAll(".note-card").length);
    }
  }

  private async send(fields: Record<string, string>): Promise<boolean> {
    const token = this.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    try {
      const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
      return (await fetch(this.dataset["address"] ?? "", { method: "POST", body, headers: { "X-Part": "move" } })).ok;
    } catch {
      return false;
    }
  }

  private say(text: string): void {
    const place = this.querySelector("#board-says");
    if (place) place.textContent = text;
  }
}

function cardOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".note-card") : null;
}

function pileOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".pile") : null;
}

customElements.define("tl-affinity", Affinity);
