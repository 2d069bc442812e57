// <tl-timeline>: bars are moved and stretched by drag and by keys. The server draws; this only moves what
// is held, sends it, and takes the picture that comes back, since lanes, rows and lines may all have changed.

import { hear, tell } from "../parts/events";
import { bind } from "../parts/keys";
import { type Dates, daysOf, fieldsOf, moved, said, type Zone } from "./dates";
import { InView } from "./inview";
import { change, drawnAnew } from "./moving";

const EDGE = 6; // pixels around an end that take hold of it
const WAITS = 650; // milliseconds without a key before what the keys did is sent

interface Held {
  bar: SVGElement;
  was: Dates;
  now: Dates;
}

class Timeline extends HTMLElement {
  private drag: (Held & { zone: Zone; from: number; pointer: number; frame: number }) | null = null;
  private keyed: (Held & { timer: number }) | null = null;
  private sending: Promise<void> = Promise.resolve();
  private stops: (() => void)[] = [];
  private swallow = false;
  private view: InView | null = null;

  connectedCallback(): void {
    const scroller = this.scroller;
    scroller.scrollLeft = Math.max(Number(this.dataset["today"]) - scroller.clientWidth / 3, 0);
    this.watch();
    this.addEventListener("click", this.open);
    this.stops = [
      hear("tl:changed", () => void this.refresh()),
      bind("timeline", { "timeline.up": () => this.step(-1), "timeline.down": () => this.step(1), "timeline.open": () => this.openHeld() }, { within: this }),
    ];
    if (this.dataset["may"]) this.letMove();
    this.dataset["ready"] = "";
  }

  disconnectedCallback(): void {
    for (const stop of this.stops) stop();
    this.view?.stop();
  }

  private watch(): void {
    this.view?.stop();
    this.view = new InView(this.scroller, (node) => node.contains(document.activeElement) || node === this.drag?.bar || node === this.keyed?.bar);
  }

  private letMove(): void {
    this.addEventListener("dragstart", (event) => event.preventDefault()); // a link, but not to be carried off
    this.addEventListener("pointerdown", this.lift);
    this.addEventListener("pointermove", this.over);
    this.addEventListener("pointerup", this.drop);
    this.addEventListener("pointercancel", () => this.letGo());
    this.addEventListener("focusout", () => this.send());
    const by = (zone: Zone, days: number) => () => this.key(zone, days);
    this.stops.push(
      bind(
        "timeline",
        {
          "timeline.earlier": by("all", -1),
          "timeline.later": by("all", 1),
          "timeline.shorter": by("likely", -1),
          "timeline.longer": by("likely", 1),
          "timeline.surer": by("sure", -1),
          "timeline.less_sure": by("sure", 1),
        },
        { within: this },
      ),
    );
  }

  // ---- by hand ----------------------------------------------------------------------------

  private lift = (event: PointerEvent): void => {
    const bar = barOf(event.target);
    if (!bar?.dataset["n"] || event.button !== 0 || !event.isPrimary) return;
    this.send();
    const was = this.datesOf(bar);
    this.drag = { bar, was, now: was, zone: this.zoneAt(bar, event.clientX), from: event.clientX, pointer: event.pointerId, frame: 0 };
    this.swallow = false;
  };

  private over = (event: PointerEvent): void => {
    const drag = this.drag;
    if (!drag) {
      const bar = barOf(event.target);
      if (bar?.dataset["n"]) bar.classList.toggle("edge", this.zoneAt(bar, event.clientX) !== "all");
      return;
    }
    const days = Math.round((event.clientX - drag.from) / this.day);
    if (!this.swallow && Math.abs(event.clientX - drag.from) < 4) return;
    if (!this.swallow) {
      this.swallow = true;
      this.setPointerCapture(drag.pointer);
      drag.bar.classList.add("held");
    }
    drag.now = moved(drag.was, drag.zone, days);
    drag.frame ||= requestAnimationFrame(() => {
      drag.frame = 0;
      this.draw(drag.bar, drag.now);
    });
  };

  private drop = (): void => {
    const drag = this.drag;
    this.letGo();
    if (drag && this.swallow) void this.commit(drag);
  };

  private letGo(): void {
    this.drag?.bar.classList.remove("held");
    if (this.drag?.frame) cancelAnimationFrame(this.drag.frame);
    this.drag = null;
  }

  // ---- by keys ----------------------------------------------------------------------------

  private key(zone: Zone, by: number): boolean {
    const bar = barOf(document.activeElement);
    if (!bar?.dataset["n"]) return false;
    if (this.keyed?.bar !== bar) {
      this.send();
      const was = this.datesOf(bar);
      this.keyed = { bar, was, now: was, timer: 0 };
    }
    const held = this.keyed as Held & { timer: number };
    held.now = moved(held.now, zone, by * (this.day < 4 ? 7 : 1));
    this.draw(bar, held.now);
    this.say(`${bar.dataset["record"]}: ${said(held.now)}`);
    clearTimeout(held.timer);
    held.timer = window.setTimeout(() => this.send(), WAITS);
    return true;
  }

  private send(): void {
    const held = this.keyed;
    this.keyed = null;
    if (!held) return;
    clearTimeout(held.timer);
    void this.commit(held);
  }

  private step(by: number): boolean {
    const bars = this.view?.bars ?? [];
    const held = barOf(document.activeElement);
    const here = bars.findIndex((one) => one.node === held);
    const next = bars[here < 0 ? 0 : here + by];
    if (!next) return false;
    this.view?.reveal(next);
    next.node.focus({ preventScroll: true });
    next.node.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }

  private openHeld(): boolean {
    const key = barOf(document.activeElement)?.dataset["record"];
    if (!key) return false;
    this.send();
    tell("tl:open", { key });
    return true;
  }

  private open = (event: MouseEvent): void => {
    const key = barOf(event.target)?.dataset["record"];
    if (!key || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (this.swallow) this.swallow = false;
    else tell("tl:open", { key });
  };

  // ---- both -------------------------------------------------------------------------------

  private commit(held: Held): Promise<void> {
    if (said(held.was) === said(held.now)) return Promise.resolve();
    const { bar, now, was } = held;
    bar.dataset["starts"] = now.starts === null ? "" : dayText(now.starts);
    bar.dataset["likely"] = dayText(now.likely);
    this.sending = this.sending.then(async () => {
      const release = bar.dataset["path"] === "releases";
      const edit = {
        n: Number(bar.dataset["n"]),
        version: Number(bar.dataset["version"]),
        do: release ? "reschedule_release" : "reschedule_feature",
        given: { ...fieldsOf(now, release), reason: this.querySelector<HTMLInputElement>("#move-why")?.value.trim() ?? "" },
      };
      const done = await change(release ? "releases" : "features", edit, `${bar.dataset["record"]}: ${said(now)}`);
      if (done) bar.dataset["version"] = String(edit.version + 1);
      else this.draw(bar, was);
      tell("tl:changed", { keys: [bar.dataset["record"] ?? ""] });
    });
    return this.sending;
  }

  private async refresh(): Promise<void> {
    const drawn = await drawnAnew(".tline");
    if (!drawn || this.drag || this.keyed) return; // somebody holds a bar: the next change draws anew
    const scroller = this.scroller;
    const { scrollLeft, scrollTop } = scroller;
    const focused = barOf(document.activeElement)?.dataset["record"];
    scroller.replaceChildren(...[...drawn.childNodes].map((one) => document.importNode(one, true)));
    scroller.scrollTo(scrollLeft, scrollTop);
    this.watch();
    const again = focused && this.view?.bars.find((one) => one.node.dataset["record"] === focused);
    if (!again) return;
    this.view?.reveal(again);
    again.node.focus({ preventScroll: true });
  }

  private draw(bar: SVGElement, dates: Dates): void {
    const x = (left: number): number => (left - daysOf(this.dataset["first"] ?? "")) * this.day;
    const start = x(dates.starts ?? dates.likely);
    const likely = bar.querySelector(".likely");
    const sure = bar.querySelector(".sure");
    const width = Math.max(x(dates.likely) + this.day - start, 8);
    likely?.setAttribute("x", String(start));
    likely?.setAttribute("width", String(width));
    sure?.setAttribute("x", String(start));
    if (dates.sure !== null) sure?.setAttribute("width", String(Math.max(x(dates.sure) + this.day - start, width)));
    bar.querySelector(".unsure")?.setAttribute("x", String(start + width - 4));
    bar.querySelector("text")?.setAttribute("x", String(start + 8));
  }

  private datesOf(bar: SVGElement): Dates {
    const { starts, likely, sure, said: own } = bar.dataset;
    return { starts: starts ? daysOf(starts) : null, likely: daysOf(likely ?? ""), sure: sure ? daysOf(sure) : null, own: own === "yes" };
  }

  private zoneAt(bar: SVGElement, x: number): Zone {
    const likely = bar.querySelector(".likely")?.getBoundingClientRect();
    const sure = bar.querySelector(".sure")?.getBoundingClientRect();
    if (likely && Math.abs(x - likely.right) <= EDGE) return "likely";
    if (sure && Math.abs(x - sure.right) <= EDGE) return "sure";
    return likely && likely.width > 24 && Math.abs(x - likely.left) <= EDGE ? "starts" : "all";
  }

  private say(text: string): void {
    const place = this.querySelector("#tline-says");
    if (place) place.textContent = text;
  }

  private get day(): number {
    return Number(this.dataset["day"]);
  }

  private get scroller(): HTMLElement {
    return this.querySelector(".tline") as HTMLElement;
  }
}

function barOf(target: EventTarget | null): SVGElement | null {
  return target instanceof Element ? target.closest<SVGElement>(".tbar") : null;
}

function dayText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

customElements.define("tl-timeline", Timeline);
