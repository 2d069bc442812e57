// Dialogs: what a verb needs to know before it runs, and a field changed on many rows at once.

import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { seek } from "../../store/server";
import type { Boot, Param, Value, Verb } from "../../store/types";
import { optionsOf } from "./editors";
import type { Model } from "./model";

function useModal(): { current: HTMLDialogElement | null } {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("textarea, input, select")?.focus();
    return () => (before instanceof HTMLElement ? before.focus() : undefined);
  }, []);
  return dialog;
}

interface AskProps {
  boot: Boot;
  verb: Verb;
  count: number;
  first: string;
  why?: string | undefined;
  run: (given: Record<string, Value>) => void;
  cancel: () => void;
}

export function VerbForm({ boot, verb, count, first, why, run, cancel }: AskProps): JSX.Element {
  const dialog = useModal();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const given = verb.params.map((param): [string, Value] => [param.name, String(data.get(param.name) ?? "").trim()]);
    run(Object.fromEntries(given.filter(([, value]) => value !== "")));
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="verb-title" onClose={cancel} onKeyDown={(event) => event.stopPropagation()}>
      <h2 id="verb-title">{verb.label}</h2>
      <p class="sub">{count === 1 ? first : `${count.toLocaleString("en-GB")} ${boot.plural.toLowerCase()}`}. {verb.help}</p>
      {why && <p role="status">{why}</p>}
      <form onSubmit={submit}>
        {verb.params.map((param) => <Control key={param.name} boot={boot} param={param} />)}
        <div class="buttons">
          <button class="btn quiet" type="button" onClick={() => dialog.current?.close()}>Not now</button>
          <button class="btn go">{verb.label}</button>
        </div>
      </form>
    </dialog>
  );
}

type Asked = Pick<Param, "name" | "label" | "kind"> & Partial<Param>;

export function Control({ boot, param }: { boot: Boot; param: Asked }): JSX.Element {
  const id = `ask-${param.name}`;
  const help = param.help ? <p class="help" id={`${id}-help`}>{param.help}</p> : null;
  const shared = { id, name: param.name, required: param.required ?? false, "aria-describedby": param.help ? `${id}-help` : undefined };
  const options = optionsOf(boot, { ...param, own: true, edit: true } as Parameters<typeof optionsOf>[1]);
  let box: JSX.Element;
  if (param.kind === "reference" || param.kind === "cite") box = <Seeker boot={boot} shared={shared} kinds={param.to ?? []} />;
  else if (options.length > 0) {
    box = (
      <select class="select" {...shared}>
        <option value="">{param.required ? "Choose" : "None"}</option>
        {options.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
      </select>
    );
  } else if (param.long) box = <textarea class="area" rows={3} {...shared} />;
  else box = <input class="input" type={(param.kind === "date" ? "date" : "text") as "text"} inputMode={param.kind === "number" || param.kind === "money" ? "decimal" : undefined} {...shared} />;
  return (
    <div class="field">
      <label for={id}>{param.label}</label>
      {box}
      {help}
    </div>
  );
}

function Seeker({ boot, shared, kinds }: { boot: Boot; shared: { id: string; name: string; required: boolean }; kinds: string[] }): JSX.Element {
  const [found, setFound] = useState<{ key: string; title: string }[]>([]);
  const look = (text: string): void => void seek(boot, kinds, text).then(setFound, () => setFound([]));
  return (
    <>
      <input class="input" {...shared} list={`${shared.id}-list`} placeholder="Key or title" autocomplete="off" onFocus={() => look("")} onInput={(event) => look(event.currentTarget.value)} />
      <datalist id={`${shared.id}-list`}>{found.map((one) => <option key={one.key} value={one.key}>{one.title}</option>)}</datalist>
    </>
  );
}

export function ChangeForm({ model, numbers, cancel }: { model: Model; numbers: number[]; cancel: () => void }): JSX.Element {
  const { boot } = model.store;
  const dialog = useModal();
  const fields = boot.fields.filter((one) => one.edit && one.role !== "title" && one.kind !== "markdown" && !(one.required && one.kind === "text"));
  const [name, setName] = useState(fields.find((one) => one.name === "owner")?.name ?? fields[0]?.name ?? "");
  const field = fields.find((one) => one.name === name);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (field === undefined) return;
    const value = String(new FormData(event.currentTarget as HTMLFormElement).get("value") ?? "");
    dialog.current?.close();
    model.setAll(numbers, field, value);
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="change-title" onClose={cancel} onKeyDown={(event) => event.stopPropagation()}>
      <h2 id="change-title">Change {numbers.length.toLocaleString("en-GB")} {(numbers.length === 1 ? boot.label : boot.plural).toLowerCase()}</h2>
      <form onSubmit={submit}>
        <div class="field">
          <label for="ask-field">Field</label>
          <select class="select" id="ask-field" value={name} onChange={(event) => setName(event.currentTarget.value)}>
            {fields.map((one) => <option key={one.name} value={one.name}>{one.label}</option>)}
          </select>
        </div>
        {field && <Control key={field.name} boot={boot} param={{ ...field, name: "value", label: "New value", required: false, help: field.kind === "tags" ? "Added to the tags that are there; words with commas." : "Left blank, the field is emptied." }} />}
        <div class="buttons">
          <button class="btn quiet" type="button" onClick={() => dialog.current?.close()}>Not now</button>
          <button class="btn go">Change</button>
        </div>
      </form>
    </dialog>
  );
}
