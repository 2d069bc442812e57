// What opens over a list: the bar for what is selected, and the dialogs, fetched when the first one is wanted.

import { signal } from "@preact/signals-core";
import type { JSX } from "preact";
import { tell } from "../../parts/events";
import { Bulk } from "./bar";
import type { Model } from "./model";

type Forms = typeof import("./asking");

const forms = signal<Forms | null>(null);

function fetched(giveUp: () => void): Forms | null {
  const here = forms.value;
  if (!here) {
    import("./asking").then(
      (found) => (forms.value = found),
      () => {
        giveUp();
        tell("tl:toast", { text: "The server could not be reached.", tone: "bad" });
      },
    );
  }
  return here;
}

export function Dialogs({ model }: { model: Model }): JSX.Element {
  const { boot, rows } = model.store;
  const [asked, changing] = [model.asking.value, model.changing.value];
  const cancel = (): void => {
    model.asking.value = null;
    model.changing.value = false;
  };
  const there = asked || changing ? fetched(cancel) : null;
  const first = asked ? rows.get(asked.numbers[0] ?? 0) : undefined;
  return (
    <>
      <Bulk model={model} />
      {there && asked && (
        <there.VerbForm boot={boot} verb={asked.verb} count={asked.numbers.length} first={first ? `${model.key(first)} ${String(first["title"])}` : ""}
          {...(asked.why ? { why: asked.why } : {})} run={(given) => model.run(asked.verb, asked.numbers, given)} cancel={cancel} />
      )}
      {there && changing && <there.ChangeForm model={model} numbers={[...model.selected.value]} cancel={cancel} />}
    </>
  );
}
