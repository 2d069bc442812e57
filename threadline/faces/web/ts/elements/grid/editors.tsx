// What stands in a cell while it is edited: a line of text, or a list to choose from.

import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { seek } from "../../store/server";
import type { Boot, Field, Row, Value } from "../../store/types";
import type { Editing, Model } from "./model";

export interface Option {
  value: string;
  label: string;
  note?: string;
  kept: Value; // what the cell shows when it is chosen
}

interface Props {
  model: Model;
  editing: Editing;
  done: (move: "down" | "right" | "left" | "stay") => void;
}

export function Editor(props: Props): JSX.Element {
  const { field } = props.editing;
  const listed = field.name === "state" || ["choice", "person", "product", "reference", "cite"].includes(field.kind);
  return listed ? <Picker {...props} /> : <Line {...props} />;
}

const TYPES: Record<string, string> = { date: "date", email: "email", link: "url" };

function Line({ model, editing, done }: Props): JSX.Element {
  const { field } = editing;
  const box = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useLayoutEffect(() => {
    box.current?.focus();
    if (editing.whole) box.current?.select?.();
  }, []);
  const row = (): Row | undefined => model.store.rows.get(editing.n);
  const keep = (move: "down" | "right" | "left" | "stay"): void => {
    if (ended.current) return;
    const here = row();
    const text = box.current?.value ?? "";
    if (field.required && text.trim() === "") return cancel();
    ended.current = true;
    if (here) model.put([{ row: here, field, text }], `Changed ${field.label.toLowerCase()}`);
    done(move);
  };
  const cancel = (): void => {
    ended.current = true;
    done("stay");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") keep("down");
    else if (event.key === "Tab") keep(event.shiftKey ? "left" : "right");
    else if (event.key === "Escape") cancel();
    else return;
    event.preventDefault();
  };
  const typed = TYPES[field.kind] ?? "text";
  return (
    <input
      ref={box}
      class="cell-box"
      type={(typed === "date" && editing.text !== "" && !/^\d{4}-/.test(editing.text) ? "text" : typed) as "text"}
      inputMode={field.kind === "number" || field.kind === "money" ? "decimal" : undefined}
      aria-label={field.label}
      max={typed === "date" ? "9999-12-31" : undefined}
      defaultValue={editing.text}
      placeholder={field.kind === "tags" ? "Words, with commas" : field.kind === "moment" ? "2026-11-22T09:30:00Z" : undefined}
      onKeyDown={onKeyDown}
      onBlur={() => keep("stay")}
    />
  );
}

function Picker({ model, editing, done }: Props): JSX.Element {
  const { field } = editing;
  const row = model.store.rows.get(editing.n);
  const [text, setText] = useState(editing.whole ? "" : editing.text);
  const options = useOptions(model, field, row, text);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const ended = useRef(false);
  useLayoutEffect(() => {
    box.current?.focus();
    place(box.current, list.current);
  }, []);
  useLayoutEffect(() => {
    list.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at]);
  useEffect(() => setAt(0), [text]);
  const end = (move: "down" | "right" | "left" | "stay"): void => {
    if (ended.current) return;
    ended.current = true;
    done(move);
  };
  const choose = (option: Option | undefined, move: "down" | "right" | "left" | "stay"): void => {
    if (option === undefined || row === undefined || ended.current) return end("stay");
    const verb = field.name === "state" && !field.edit ? model.store.boot.verbs.find((one) => one.name === option.value) : undefined;
    end(move);
    if (verb) model.run(verb, [row.n]);
    else model.put([{ row, field, text: option.value, value: option.kept }], `Changed ${field.label.toLowerCase()}`);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "ArrowDown") setAt(Math.min(options.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
    else if (event.key === "Enter") choose(options[at], "stay");
    else if (event.key === "Tab") text === "" ? end(event.shiftKey ? "left" : "right") : choose(options[at], event.shiftKey ? "left" : "right");
    else if (event.key === "Escape") end("stay");
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input ref={box} class="cell-box" type="text" role="combobox" aria-label={field.label} aria-expanded="true" aria-controls="cell-options"
        aria-activedescendant={options[at] ? `cell-option-${at}` : undefined} aria-autocomplete="list" autocomplete="off" value={text}
        placeholder={said(model, row, field)} onInput={(event) => setText(event.currentTarget.value)} onKeyDown={onKeyDown} onBlur={() => end("stay")} />
      <ul ref={list} class="menu options" popover="manual" id="cell-options" role="listbox" aria-label={field.label} onMouseDown={(event) => event.preventDefault()}>
        {options.map((option, index) => (
          <li key={option.value} id={`cell-option-${index}`} data-at={index} role="option" aria-selected={index === at} onMouseEnter={() => setAt(index)} onClick={() => choose(option, "stay")}>
            <span>{option.label}</span>
            {option.note && <small>{option.note}</small>}
          </li>
        ))}
        {options.length === 0 && <li class="sub" role="option" aria-disabled="true" aria-selected="false">Nothing by that name</li>}
      </ul>
    </>
  );
}

function said(model: Model, row: Row | undefined, field: Field): string {
  return row === undefined ? "" : model.store.label(row[field.name], field.name);
}

// Under the box, or above it where there is no room; always inside the window.
export function place(box: Element | null, list: HTMLElement | null): void {
  if (!box || !list) return;
  list.showPopover?.(); // into the top layer: no table cuts it off
  const at = box.getBoundingClientRect();
  const room = window.innerHeight - at.bottom;
  const height = Math.min(300, list.scrollHeight + 12);
  const above = room < height && at.top > room;
  list.style.insetInlineStart = `${Math.max(8, Math.min(at.left, window.innerWidth - 328))}px`;
  list.style.minInlineSize = `${Math.max(200, at.width)}px`;
  list.style.insetBlockStart = above ? "auto" : `${at.bottom + 2}px`;
  list.style.insetBlockEnd = above ? `${window.innerHeight - at.top + 2}px` : "auto";
}

export function optionsOf(boot: Boot, field: Field): Option[] {
  if (field.kind === "choice") return (field.choices ?? []).map(([value, label]) => ({ value: String(value), label, kept: value }));
  if (field.kind === "person") return boot.people.map((one) => ({ value: one.id, label: one.name, note: `@${one.handle}`, kept: field.own ? one.id : { id: one.id, name: one.name } }));
  if (field.kind === "product") return boot.products.map((one) => ({ value: one.id, label: one.name, kept: { id: one.id, name: one.name } }));
  if (field.kind === "flag") return [{ value: "yes", label: "Yes", kept: true }, { value: "no", label: "No", kept: false }];
  return [];
}

const NOBODY = { value: "", label: "None", kept: null };

function useOptions(model: Model, field: Field, row: Row | undefined, text: string): Option[] {
  const [found, setFound] = useState<Option[]>([]);
  const far = field.kind === "reference" || field.kind === "cite";
  useEffect(() => {
    if (!far) return;
    const timer = setTimeout(() => {
      void seek(model.store.boot, field.to ?? [], text).then(
        (records) => setFound(records.map((one) => ({ value: one.key, label: one.title, note: one.key, kept: { key: one.key, title: one.title } }))),
        () => setFound([]),
      );
    }, text === "" ? 0 : 120);
    return () => clearTimeout(timer);
  }, [text]);
  const none = field.required || field.name === "state" ? [] : [NOBODY];
  if (far) return text === "" ? [...none, ...found] : found;
  if (field.name === "state" && !field.edit) {
    const verbs = row ? model.verbsFor([row]) : [];
    return narrowed(verbs.map((verb) => ({ value: verb.name, label: verb.label, note: verb.help, kept: verb.to || null })), text);
  }
  return narrowed([...optionsOf(model.store.boot, field), ...none], text);
}

export function narrowed(options: Option[], text: string): Option[] {
  const sought = text.trim().toLowerCase();
  if (sought === "") return options;
  const fits = options.filter((one) => `${one.label} ${one.note ?? ""}`.toLowerCase().includes(sought));
  return fits.sort((a, b) => Number(b.label.toLowerCase().startsWith(sought)) - Number(a.label.toLowerCase().startsWith(sought)));
}
