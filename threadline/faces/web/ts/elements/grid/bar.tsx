// Under the grid: how much there is, what is on its way, how dense; and what can be done to
// the selected rows.

import type { JSX } from "preact";
import { HEIGHTS, type Density, type Model } from "./model";

const DENSITIES: Record<Density, string> = { compact: "Compact", usual: "Usual", roomy: "Roomy" };

export function Status({ model }: { model: Model }): JSX.Element {
  const { store } = model;
  const view = store.view.value;
  const pending = store.writes.pending.value;
  const late = pending.filter((one) => one.standing !== "sending");
  const trouble = late.filter((one) => one.standing === "failed" || one.standing === "conflict").length;
  const plural = view.total === 1 ? store.boot.label : store.boot.plural;
  return (
    <nav class="pager status" aria-label="About this list">
      <span role="status">
        {view.total.toLocaleString("en-GB")} {plural.toLowerCase()}
        {!view.sure && <span class="sub"> · looking into the texts</span>}
        {view.error && <span class="error"> {view.error}</span>}
      </span>
      {trouble > 0 && <span class="chip bad">{trouble} not saved</span>}
      {late.length > trouble && <span class="chip warn">{late.length - trouble} on the way</span>}
      {(store.stale.value || store.writes.offline.value) && <span class="chip warn">No connection: what you change is kept here and sent later</span>}
      <span class="buttons density" role="group" aria-label="Height of rows">
        {(Object.keys(HEIGHTS) as Density[]).map((one) => (
          <button key={one} class="btn quiet small" type="button" aria-pressed={model.density.value === one} onClick={() => model.setDensity(one)}>{DENSITIES[one]}</button>
        ))}
      </span>
    </nav>
  );
}

export function Bulk({ model }: { model: Model }): JSX.Element | null {
  const { store } = model;
  const selected = [...model.selected.value];
  if (selected.length === 0) return null;
  const rows = selected.slice(0, 2_000).flatMap((n) => store.rows.get(n) ?? []);
  const verbs = model.verbsFor(rows, true);
  const may = store.boot.may;
  return (
    <div class="bulk shown" role="toolbar" aria-label="Change the selected rows">
      <b aria-live="polite">{selected.length.toLocaleString("en-GB")} selected</b>
      {may["update"] && <button class="btn" type="button" onClick={() => (model.changing.value = true)}>Change…</button>}
      {verbs.map((verb) => <button key={verb.name} class="btn" type="button" title={verb.help} onClick={() => model.run(verb, selected.filter((n) => fits(verb.states, store.rows.get(n)?.["state"])))}>{verb.label}</button>)}
      {may["archive"] && <button class="btn danger" type="button" onClick={() => model.archive(selected)}>To the trash</button>}
      <button class="btn quiet" type="button" onClick={() => model.select(new Set())}>Clear <kbd>Esc</kbd></button>
    </div>
  );
}

function fits(states: string[], state: unknown): boolean {
  return states.length === 0 || state === undefined || states.includes(String(state));
}
