// The menu of a column: what its heading does by mouse, for every hand.

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { withPart } from "../../store/query";
import type { Field } from "../../store/types";
import type { Model } from "./model";

const STEP = 40;

export function HeadMenu({ model, field, width }: { model: Model; field: Field; width: number }): JSX.Element {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const box = menu.current;
    const at = box?.parentElement?.getBoundingClientRect();
    if (box && at) {
      box.showPopover?.();
      box.style.insetBlockStart = `${at.bottom + 2}px`;
      box.style.insetInlineStart = `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`;
    }
    box?.querySelector<HTMLElement>("button")?.focus();
    return () => (before instanceof HTMLElement && before.isConnected ? before.focus() : undefined);
  }, []);
  const done = (run: () => void) => () => {
    model.head.value = null;
    run();
  };
  const sort = (down: boolean) => done(() => model.ask(withPart(model.store.text.peek(), "sort", (down ? "-" : "") + field.name)));
  const names = model.fields.value.map((one) => one.name);
  const at = names.indexOf(field.name);
  const grouped = model.store.query.value.query.group === field.name;
  const items: [string, () => void, boolean][] = [
    [field.compare === "number" ? "Sort lowest first" : "Sort A to Z", sort(false), true],
    [field.compare === "number" ? "Sort highest first" : "Sort Z to A", sort(true), true],
    [grouped ? "Do not group" : "Group by this", done(() => model.groupBy(grouped ? "" : field.name)), Boolean(field.group)],
    ["Move left", done(() => model.moveColumn(field.name, -1)), at > 1],
    ["Move right", done(() => model.moveColumn(field.name, 1)), at > 0 && at < names.length - 1],
    ["Wider", () => model.setWidth(field.name, width + STEP), true],
    ["Narrower", () => model.setWidth(field.name, width - STEP), true],
    ["Hide", done(() => model.setColumns(names.filter((one) => one !== field.name))), at > 0],
  ];
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const buttons = [...(menu.current?.querySelectorAll("button") ?? [])];
    const now = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === "Escape" || event.key === "Tab") model.head.value = null;
    else if (event.key === "ArrowDown") buttons[(now + 1) % buttons.length]?.focus();
    else if (event.key === "ArrowUp") buttons[(now - 1 + buttons.length) % buttons.length]?.focus();
    else return;
    event.preventDefault();
  };
  const leave = (event: FocusEvent): void => {
    if (!(event.relatedTarget instanceof Node) || !menu.current?.contains(event.relatedTarget)) model.head.value = null;
  };
  return (
    <div ref={menu} class="menu head-menu" popover="manual" role="menu" aria-label={field.label} onKeyDown={onKeyDown} onFocusOut={leave}>
      {items.filter(([, , fits]) => fits).map(([label, run]) => <button key={label} type="button" role="menuitem" tabIndex={-1} onClick={run}>{label}</button>)}
    </div>
  );
}
