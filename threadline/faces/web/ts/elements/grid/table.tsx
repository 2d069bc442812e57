// The table of a grid: only the lines in sight, between two rows as tall as what is not.

import { Component, type ComponentChild, type JSX } from "preact";
import type { Group } from "../../store/order";
import { sortOf } from "../../store/store";
import type { Field, Row } from "../../store/types";
import type { View } from "../../store/view";
import type { Pending } from "../../store/writes";
import { Content, RIGHT } from "./cell";
import { Editor } from "./editors";
import { HeadMenu } from "./head";
import type { Model } from "./model";
import { isRanked } from "./ranking";
import { said } from "../../store/words";

export const OVERSCAN = 8;

// The class of a cell whose change is not the server's yet.
const LOOKS = { sending: "", unsynced: "waits", offline: "waits", failed: "failed", conflict: "conflict" };

export interface Hands {
  pick: boolean;
  tick: number; // how wide the column of tick boxes is
  onTick: (event: MouseEvent, n: number) => void;
  onEnd: (move: "down" | "right" | "left" | "stay") => void;
  width: (name: string) => number;
  resize: (event: PointerEvent, name: string) => void;
  most: (name: string) => number;
}

export function Table({ model, hands }: { model: Model; hands: Hands }): JSX.Element {
  const { store } = model;
  const view = store.view.value;
  const fields = model.fields.value;
  const height = model.height.value;
  const first = Math.max(0, Math.min(model.first.value - OVERSCAN, view.count - 1));
  const last = Math.min(view.count, model.first.value + model.shown.value + OVERSCAN);
  const lines = [];
  for (let at = Math.max(0, first); at < last; at += 1) lines.push(view.line(at));
  const wide = fields.reduce((sum, field) => sum + hands.width(field.name), hands.pick ? hands.tick : 0);
  const spot = model.spot.value;
  const range = model.anchor.value === null ? null : model.range();
  const cols = fields.length + Number(hands.pick);
  return (
    <table class="table cards fixed live" role="grid" aria-label={store.boot.plural} aria-rowcount={store.view.value.count + 1} aria-colcount={cols} aria-multiselectable="true"
      style={model.narrow.value ? {} : { inlineSize: `${wide}px`, minInlineSize: "100%" }} data-density={model.density.value}>
      <colgroup>
        {hands.pick && <col style={{ inlineSize: `${hands.tick}px` }} />}
        {fields.map((field) => <col key={field.name} style={{ inlineSize: `${hands.width(field.name)}px` }} />)}
      </colgroup>
      <Head model={model} hands={hands} fields={fields} />
      {first > 0 && <Gap height={first * height} cols={cols} />}
      <tbody>
        {lines.map((line) =>
          line.kind === "row" ? (
            <StillRow key={line.row.n} stamp={stampOf(model, hands, fields, line.row)} {...{ model, hands, fields, row: line.row, at: line.at, spot: spot.line === line.at ? spot.col : -1 }} range={range !== null && line.at >= range.lines[0] && line.at <= range.lines[1] ? range.cols : null} />
          ) : line.kind === "group" ? (
            <GroupLine key={`g${line.group.key}`} {...{ model, hands, fields, group: line.group, at: line.at, active: spot.line === line.at }} />
          ) : (
            <Hole key={`h${line.at}`} at={line.at} cols={cols} />
          ),
        )}
      </tbody>
      {view.count === 0 && <Nothing model={model} cols={cols} />}
      {last < view.count && <Gap height={(view.count - last) * height} cols={cols} />}
    </table>
  );
}

function Nothing({ model, cols }: { model: Model; cols: number }): JSX.Element {
  const { store } = model;
  return (
    <tbody>
      <tr class="nothing">
        <td colSpan={cols} role="gridcell" id="grid-spot" tabIndex={0}>
          {store.view.value.sure ? `No ${store.boot.plural.toLowerCase()} that you may see fit this filter.` : "Looking…"}
        </td>
      </tr>
    </tbody>
  );
}

function Gap({ height, cols }: { height: number; cols: number }): JSX.Element {
  return (
    <tbody class="gap" aria-hidden="true">
      <tr style={{ blockSize: `${height}px` }}>
        <td colSpan={cols} />
      </tr>
    </tbody>
  );
}

function Hole({ at, cols }: { at: number; cols: number }): JSX.Element {
  return (
    <tr class="hole" aria-rowindex={at + 2} aria-busy="true">
      <td colSpan={cols} role="gridcell"><span class="row-bone" /><span class="visually-hidden">Coming</span></td>
    </tr>
  );
}

function Head({ model, hands, fields }: { model: Model; hands: Hands; fields: Field[] }): JSX.Element {
  const { query } = model.store.query.value;
  const sort = sortOf(query, model.store.boot).filter(([name]) => name !== query.group);
  const all = model.selected.value.size;
  const total = model.store.view.value.total;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {hands.pick && (
          <td class="tick" role="columnheader" aria-label="Selected">
            <label class="pick">
              <input type="checkbox" tabIndex={-1} checked={all > 0 && all >= total} ref={(box) => void (box && (box.indeterminate = all > 0 && all < total))} onChange={() => void model.toggleAll()} />
              <span class="visually-hidden">Select all</span>
            </label>
          </td>
        )}
        {fields.map((field) => {
          const at = sort.findIndex(([name]) => name === field.name);
          const down = sort[at]?.[1];
          return (
            <th key={field.name} scope="col" class={RIGHT.has(field.kind) ? "n" : ""} data-column={field.name} aria-sort={at === 0 ? (down ? "descending" : "ascending") : undefined}>
              <button class="sort" type="button" tabIndex={-1} title={field.help || undefined} onClick={(event) => model.sortBy(field.name, event.shiftKey)}
                onContextMenu={(event) => (event.preventDefault(), (model.head.value = field.name))}>
                {field.label}
                {at > 0 && <small class="rank" aria-label={`sorted ${at + 1}th`}>{at + 1}</small>}
                {at >= 0 && <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={down ? "M12 5v14m-6-6l6 6 6-6" : "M12 19V5m-6 6l6-6 6 6"} /></svg>}
              </button>
              <button class="head-more" type="button" tabIndex={-1} aria-label={`${field.label}: sort, group, width, place`} aria-haspopup="menu" aria-expanded={model.head.value === field.name}
                onClick={() => (model.head.value = model.head.value === field.name ? null : field.name)}>⋯</button>
              <span class="grip" aria-hidden="true" onPointerDown={(event) => hands.resize(event, field.name)} />
              {model.head.value === field.name && <HeadMenu model={model} field={field} width={hands.width(field.name)} />}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface RowProps {
  model: Model;
  hands: Hands;
  fields: Field[];
  row: Row;
  at: number;
  spot: number;
  range: [number, number] | null;
}

// What a row shows and depends on. Read here whether or not a row is drawn anew, so that drawing goes
// on hearing of it; a row for which all of it is as it was is left as it stands.
function stampOf(model: Model, hands: Hands, fields: Field[], row: Row): unknown[] {
  const { store } = model;
  const pending = store.writes.pending.value;
  const editing = model.editing.value;
  return [
    ...fields.map((field) => row[field.name]), ...fields.map((field) => field.role === "number" && hands.most(field.name)),
    row["state"], row["unsourced"], pending.some((one) => one.edit.n === row.n) && pending, editing?.n === row.n && editing,
    model.selected.value.has(row.n), store.changedBy.value.get(row.n), model.opened.value === model.key(row), model.narrow.value, fields, isRanked(model),
  ];
}

class StillRow extends Component<RowProps & { stamp: unknown[] }> {
  override shouldComponentUpdate(next: RowProps & { stamp: unknown[] }): boolean {
    const now = this.props;
    const moved = next.at !== now.at || next.spot !== now.spot || String(next.range) !== String(now.range) || next.row !== now.row;
    return moved || next.stamp.length !== now.stamp.length || next.stamp.some((one, at) => one !== now.stamp[at]);
  }

  override render(): ComponentChild {
    return <RowLine {...this.props} />;
  }
}

function RowLine({ model, hands, fields, row, at, spot, range }: RowProps): JSX.Element {
  const { store } = model;
  const selected = model.selected.value.has(row.n);
  const who = store.changedBy.value.get(row.n);
  const key = model.key(row);
  const state = store.boot.states.find((one) => one.name === row["state"]);
  return (
    <tr aria-rowindex={at + 2} data-n={row.n} aria-selected={selected} aria-current={model.opened.value === key || undefined} class={[selected && "sel", state?.final && "done", who && "fresh", spot >= 0 && "at"].filter(Boolean).join(" ") || undefined} title={who ? `Changed by ${who}` : undefined}>
      {hands.pick && (
        <td class="tick" role="gridcell">
          <label class="pick">
            <input type="checkbox" tabIndex={-1} checked={selected} onClick={(event) => hands.onTick(event, row.n)} />
            <span class="visually-hidden">Select {key}</span>
          </label>
        </td>
      )}
      {fields.map((field, col) => (
        <CellBox key={field.name} {...{ model, hands, row, field, col, key_: key }} active={spot === col} inRange={range !== null && col >= range[0] && col <= range[1]} />
      ))}
    </tr>
  );
}

interface CellProps {
  model: Model;
  hands: Hands;
  row: Row;
  field: Field;
  col: number;
  key_: string;
  active: boolean;
  inRange: boolean;
}

function CellBox({ model, hands, row, field, col, key_, active, inRange }: CellProps): JSX.Element {
  const editing = model.editing.value;
  const edited = editing !== null && editing.n === row.n && editing.field.name === field.name;
  const waiting = model.store.writes.pending.value.length > 0 ? model.store.writes.of(row.n, field.name) : undefined;
  const look = [RIGHT.has(field.kind) ? "n" : "", active ? "on" : "", inRange ? "in" : "", edited ? "edited" : "", LOOKS[waiting?.standing ?? "sending"]].filter(Boolean).join(" ");
  const shared = { class: look || undefined, id: active ? "grid-spot" : undefined, tabIndex: edited ? undefined : active ? 0 : -1, "data-col": col, "aria-selected": inRange || undefined };
  const inside = edited ? <Editor model={model} editing={editing} done={hands.onEnd} /> : <Content row={row} field={field} boot={model.store.boot} most={hands.most(field.name)} />;
  const mark = waiting && waiting.standing !== "sending" ? <Mark model={model} one={waiting} /> : null;
  if (field.name === "title") {
    return (
      <th scope="row" {...shared} role="rowheader">
        {!edited && isRanked(model) && <span class="row-grip" aria-hidden="true" title="Drag it to another place" />}
        {edited ? inside : <><a class="go-to" href={model.store.boot.home + key_} tabIndex={-1} data-open={key_}><span class="key">{key_}</span><span class="t">{inside}</span></a></>}
        {mark}
      </th>
    );
  }
  return (
    <td {...shared} role="gridcell" data-label={inside === null ? undefined : field.label} aria-readonly={field.edit || field.name === "state" ? undefined : true}>
      {inside}
      {mark}
    </td>
  );
}

// A change that is not the server's yet says so, and what can be done about it.
function Mark({ model, one }: { model: Model; one: Pending }): JSX.Element | null {
  if (one.standing === "unsynced" || one.standing === "offline") return <span class="unsynced" title={one.standing === "offline" ? "Not saved: no connection. It is sent when there is one." : "Still being saved"}><span class="visually-hidden">Not saved yet</span></span>;
  const theirs = Object.entries(one.theirs ?? {}).map(([name, value]) => said(value, model.store.field(name), model.store.boot) || "blank").join(", ");
  const conflict = one.standing === "conflict";
  return (
    <span class="mending" role="group" aria-label={conflict ? "Somebody else changed this" : "Not saved"} onMouseDown={(event) => event.stopPropagation()}>
      <span>{conflict ? <>Somebody changed this to <b>{theirs}</b>.</> : one.said}</span>
      <button class="btn small" type="button" onClick={() => model.store.writes.retry(one)}>{conflict ? "Keep mine" : "Retry"}</button>
      <button class="btn small" type="button" onClick={() => model.store.writes.discard(one)}>{conflict ? "Keep theirs" : "Discard"}</button>
    </span>
  );
}

interface GroupProps {
  model: Model;
  hands: Hands;
  fields: Field[];
  group: Group;
  at: number;
  active: boolean;
}

function GroupLine({ model, hands, fields, group, at, active }: GroupProps): JSX.Element {
  const open = !model.store.folded.value.has(group.key);
  const firstSum = fields.findIndex((field) => field.name in group.sums);
  const span = (firstSum < 0 ? fields.length : firstSum) + Number(hands.pick);
  return (
    <tr class="group" aria-rowindex={at + 2}>
      <th scope="rowgroup" colSpan={span} role="rowheader" tabIndex={active ? 0 : -1} id={active ? "grid-spot" : undefined} class={active ? "on" : undefined}>
        <button class="fold" type="button" tabIndex={-1} aria-expanded={open} onClick={() => model.fold(group.key)}>
          <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={open ? "M6 9l6 6 6-6" : "M9 6l6 6-6 6"} /></svg>
          {group.label} <span class="count">{group.count.toLocaleString("en-GB")}</span>
        </button>
      </th>
      {firstSum >= 0 && fields.slice(firstSum).map((field) => (
        <td key={field.name} role="gridcell" class={RIGHT.has(field.kind) ? "n" : ""} data-label={field.name in group.sums ? field.label : undefined}>
          {field.name in group.sums ? said(group.sums[field.name], field, model.store.boot) : ""}
        </td>
      ))}
    </tr>
  );
}

export type { View };
