// One value as its cell shows it, in the marks of the kit.

import type { JSX } from "preact";
import { isBlank } from "../../store/query";
import type { Boot, Field, Named, Row } from "../../store/types";
import { initials, said } from "../../store/words";

export const RIGHT = new Set(["number", "money"]);

export function Content({ row, field, boot, most }: { row: Row; field: Field; boot: Boot; most: number }): JSX.Element | string | null {
  const value = row[field.name];
  if (isBlank(value)) return null;
  if (field.name === "state") {
    const state = boot.states.find((one) => one.name === value);
    return <span class={`chip ${state?.tone ?? ""}`}>{state?.label ?? String(value)}</span>;
  }
  const text = said(value, field, boot);
  switch (field.kind) {
    case "person":
      return (
        <span class="person">
          <span class="av" aria-hidden="true">{initials(text)}</span>
          {text}
        </span>
      );
    case "tags":
      return <span class="chips">{(value as string[]).map((tag) => <span class="chip tag" key={tag}>{tag}</span>)}</span>;
    case "reference":
    case "cite":
      return <a href={boot.home + ((value as Named).key ?? "")} tabIndex={-1}>{text}</a>;
    case "link":
      return <a href={text} tabIndex={-1} rel="noreferrer">{text.replace(/^https?:\/\//, "")}</a>;
    case "number":
      return field.role === "number" && typeof value === "number" ? <Bar value={value} most={most} text={text} row={row} /> : text;
    default:
      return text;
  }
}

// A score with its bar; hatched where numbers behind it have no source.
function Bar({ value, most, text, row }: { value: number; most: number; text: string; row: Row }): JSX.Element {
  const share = most > 0 ? Math.max(0, Math.min(1, value / most)) : 0;
  const unsourced = row["unsourced"] as string | null;
  const about = unsourced ? `No source for ${unsourced.replaceAll("_", " ")}` : undefined;
  return (
    <span class={about ? "rated guess" : "rated"} title={about}>
      {text}
      {about && <span class="visually-hidden"> ({about})</span>}
      <svg class="bar-mark" viewBox="0 0 50 5" aria-hidden="true">
        <rect class="whole" width={(50 * share).toFixed(1)} height="5" rx="2.5" />
        {about && <path d={hatch(50 * share)} />}
      </svg>
    </span>
  );
}

function hatch(width: number): string {
  let path = "";
  for (let x = 1; x < width; x += 4) path += `M${x} 5l3-5`;
  return path;
}
