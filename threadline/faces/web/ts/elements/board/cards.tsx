// The columns of a board and the cards in sight.

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Field, Row } from "../../store/types";
import { said } from "../../store/words";
import { isBlank } from "../../store/query";
import { Content } from "../grid/cell";
import type { BoardModel } from "./model";
import type { Band, Lane } from "./moves";

export const STEP = 104; // a card and the room under it
const OVER = 3;
const IN_CELL = 12; // cards of a cell before somebody asks for more

export function Columns({ model }: { model: BoardModel }): JSX.Element {
  const lanes = model.lanes.value;
  const dragged = model.dragged.value;
  if (model.bands.value.length > 0) return <Bands model={model} />;
  return (
    <>
      {lanes.map((lane, col) => {
        const move = dragged ? model.move(dragged, lane) : null;
        const look = move === null ? "" : move.kind === "not" ? " may-not" : move.kind !== "here" && model.over.value === lane.key ? " may" : "";
        return <LaneBox key={lane.key} model={model} lane={lane} col={col} look={look} why={move?.kind === "not" && model.over.value === lane.key ? move.why : ""} />;
      })}
    </>
  );
}

function LaneBox({ model, lane, col, look, why }: { model: BoardModel; lane: Lane; col: number; look: string; why: string }): JSX.Element {
  const { store } = model.base;
  const list = useRef<HTMLOListElement>(null);
  const count = lane.group?.count ?? 0;
  const first = Math.max(0, Math.floor((model.tops.value[lane.key] ?? 0) / STEP) - OVER);
  const last = Math.min(count, first + model.shown.value + 2 * OVER);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  useLayoutEffect(() => {
    const box = list.current;
    if (box) model.boxes.set(lane.key, box);
    return () => void model.boxes.delete(lane.key);
  }, [lane.key]);
  return (
    <section class={`lane${look}`} data-lane={lane.key} data-col={col} aria-label={`${lane.label}, ${count}`}>
      <Head model={model} lane={lane} />
      {why && <p class="why-not">{why}</p>}
      <ol class="lane-cards" ref={list} tabIndex={-1} onScroll={(event) => model.scrolled(lane.key, event.currentTarget.scrollTop)}>
        {first > 0 && <li class="room" aria-hidden="true" style={{ blockSize: `${first * STEP}px` }} />}
        {places.map((place) => {
          const row = store.view.value.rowAt((lane.group?.start ?? 0) + place);
          return row ? <Card key={row.n} {...{ model, row, col, place, count }} /> : <li key={`h${place}`} class="board-card hole" aria-hidden="true" />;
        })}
        {last < count && <li class="room" aria-hidden="true" style={{ blockSize: `${(count - last) * STEP}px` }} />}
        {count === 0 && <li class="lane-empty">{model.dragged.value ? "Drop it here" : "Nothing here"}</li>}
      </ol>
    </section>
  );
}

function Head({ model, lane }: { model: BoardModel; lane: Lane }): JSX.Element {
  const summed = model.cardFields.value.find((field) => field.sum && lane.group && field.name in lane.group.sums);
  return (
    <h2>
      {lane.tone !== "" && <span class={`dot-state ${lane.tone}`} aria-hidden="true" />}
      {lane.label} <span class="count">{(lane.group?.count ?? 0).toLocaleString("en-GB")}</span>
      {summed && lane.group && <span class="sum" title={summed.label}>{said(lane.group.sums[summed.name], summed, model.base.store.boot)}</span>}
    </h2>
  );
}

// A board in rows: heads of the columns on top, then for each value of a second field its name and its cells.
function Bands({ model }: { model: BoardModel }): JSX.Element {
  const lanes = model.lanes.value;
  return (
    <>
      {lanes.map((lane) => <div key={`head ${lane.key}`} class="band-top"><Head model={model} lane={lane} /></div>)}
      {model.bands.value.map((band) => {
        const shut = model.shut.value.has(band.key);
        return [
          <h3 key={`band ${band.key}`} class="band-head">
            <button type="button" aria-expanded={!shut} onClick={() => model.fold(band.key)}>
              <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={shut ? "m9 6 6 6-6 6" : "m6 9 6 6 6-6"} /></svg>
              <span class="visually-hidden">{model.bandField.value?.label}: </span>{band.label} <span class="count">{band.count.toLocaleString("en-GB")}</span>
            </button>
          </h3>,
          ...(shut ? [] : lanes.map((lane, col) => <Cell key={`${band.key} ${lane.key}`} {...{ model, band, lane, col }} />)),
        ];
      })}
    </>
  );
}

function Cell({ model, band, lane, col }: { model: BoardModel; band: Band; lane: Lane; col: number }): JSX.Element {
  const name = `${band.key} ${lane.key}`;
  const { start = 0, count = 0 } = band.cells.get(lane.key) ?? {};
  const before = start - (lane.group?.start ?? 0);
  const spot = model.at.value;
  const asked = spot.col === col && spot.place >= before && spot.place < before + count ? spot.place - before + 1 : 0;
  const shown = Math.min(count, Math.max(IN_CELL + (model.more.value[name] ?? 0), asked));
  const dragged = model.dragged.value;
  const over = model.over.value === name;
  const moves = dragged && over ? [model.move(dragged, lane), model.moveToBand(dragged, band)] : [];
  const not = moves.find((one) => one.kind === "not");
  const look = not ? " may-not" : moves.some((one) => one.kind !== "here") ? " may" : "";
  return (
    <section class={`lane cell${look}`} data-lane={lane.key} data-band={band.key} data-col={col} aria-label={`${band.label}, ${lane.label}, ${count}`}>
      {not?.kind === "not" && <p class="why-not">{not.why}</p>}
      <ol class="lane-cards">
        {Array.from({ length: shown }, (_, at) => {
          const row = model.base.store.view.value.rowAt(start + at);
          return row && <Card key={row.n} {...{ model, row, col, place: before + at, count: lane.group?.count ?? 0 }} />;
        })}
      </ol>
      {shown < count && <button class="btn quiet small" type="button" onClick={() => (model.more.value = { ...model.more.peek(), [name]: (model.more.peek()[name] ?? 0) + 50 })}>{(count - shown).toLocaleString("en-GB")} more</button>}
    </section>
  );
}

function Card({ model, row, col, place, count }: { model: BoardModel; row: Row; col: number; place: number; count: number }): JSX.Element {
  const { store } = model.base;
  const key = model.base.key(row);
  const on = model.at.value.col === col && model.at.value.place === place;
  const selected = model.base.selected.value.has(row.n);
  const who = store.changedBy.value.get(row.n);
  const waiting = store.writes.pending.value.length > 0 ? store.writes.of(row.n) : undefined;
  const look = ["board-card", on ? "on" : "", selected ? "sel" : "", who ? "fresh" : ""].filter(Boolean).join(" ");
  return (
    <li class={look} data-n={row.n} data-place={place} aria-setsize={count} aria-posinset={place + 1} title={who ? `Changed by ${who}` : undefined}>
      <a href={store.boot.home + key} tabIndex={on ? 0 : -1} data-open={key} draggable={false} aria-description={selected ? "selected" : undefined}>
        <span class="key">{key}</span>
        <span class="t">{String(row["title"] ?? "")}</span>
      </a>
      <span class="marks">{model.cardFields.value.map((field) => <Mark key={field.name} model={model} row={row} field={field} />)}</span>
      {waiting && waiting.standing !== "sending" && (
        waiting.standing === "failed" || waiting.standing === "conflict" ? (
          <span class="mending" role="group" aria-label="Not saved">
            <span>{waiting.said}</span>
            <button class="btn small" type="button" onClick={() => store.writes.retry(waiting)}>{waiting.standing === "conflict" ? "Keep mine" : "Retry"}</button>
            <button class="btn small" type="button" onClick={() => store.writes.discard(waiting)}>{waiting.standing === "conflict" ? "Keep theirs" : "Discard"}</button>
          </span>
        ) : <span class="unsynced" title="Still being saved"><span class="visually-hidden">Not saved yet</span></span>
      )}
    </li>
  );
}

function Mark({ model, row, field }: { model: BoardModel; row: Row; field: Field }): JSX.Element | null {
  const { store } = model.base;
  if (isBlank(row[field.name]) || (field.kind === "number" && row[field.name] === 0)) return null;
  const text = said(row[field.name], field, store.boot);
  if (field.kind === "person") return <span class="mark" title={`${field.label}: ${text}`}><span class="av" role="img" aria-label={text}>{text.split(" ").map((part) => part[0]).slice(0, 2).join("")}</span></span>;
  if (field.kind === "tags" || field.name === "state") return <span class="mark"><Content row={row} field={field} boot={store.boot} most={0} /></span>;
  const number = field.kind === "number" || field.kind === "money";
  return <span class="mark" title={`${field.label}: ${text}`}>{number && <small>{field.label} </small>}{text}</span>;
}
