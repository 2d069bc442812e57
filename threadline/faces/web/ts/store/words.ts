// Values as people read them, the same words that the server writes (wording.py).

import { isBlank } from "./query";
import type { Boot, Field, Named, Value } from "./types";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SIGNS: Record<string, string> = { EUR: "€", USD: "$", GBP: "£", JPY: "¥", CHF: "CHF ", INR: "₹" };

// Made once: asking for one each time costs more than drawing the cell.
const NUMBERS = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });

export function number(value: number): string {
  return NUMBERS.format(value);
}

// A number to compare by: 1,547 rather than 1,546.67, whose decimals say nothing.
export function score(value: number): string {
  return number(Math.abs(value) >= 100 ? Math.round(value) : value);
}

export function money(value: number, currency: string): string {
  return `${SIGNS[currency] ?? `${currency} `}${number(value)}`;
}

export function day(value: string, year = new Date().getUTCFullYear()): string {
  const [y, m, d] = value.slice(0, 10).split("-").map(Number);
  const said = `${d} ${MONTHS[(m ?? 1) - 1]}`;
  return y === year ? said : `${said} ${y}`;
}

export function initials(name: string): string {
  const parts = name.split(/\s+/).filter(Boolean);
  const chosen = parts.length > 1 ? [parts[0], parts.at(-1)] : parts;
  return chosen.map((part) => [...(part ?? "")][0] ?? "").join("").toUpperCase();
}

// The text of a cell; empty for a blank one.
export function said(value: Value, field: Field | undefined, boot: Pick<Boot, "currency" | "people">): string {
  if (isBlank(value) || field === undefined) return "";
  switch (field.kind) {
    case "number":
      return field.role === "number" ? score(Number(value)) : number(Number(value));
    case "money":
      return money(Number(value), boot.currency);
    case "date":
    case "moment":
      return day(String(value));
    case "choice":
      return field.choices?.find(([one]) => String(one) === String(value))?.[1] ?? String(value);
    case "flag":
      return value ? "Yes" : "No";
    case "person":
      return typeof value === "string" ? (boot.people.find((one) => one.id === value)?.name ?? "") : ((value as Named).name ?? "");
    case "product":
      return (value as Named).name ?? "";
    case "reference":
    case "cite":
      return (value as Named).title ?? (value as Named).key ?? "";
    case "tags":
      return (value as string[]).join(", ");
    default:
      return String(value);
  }
}

// A value as it is typed, copied and pasted: the server's `clean` takes it back.
export function raw(value: Value, field: Field, boot: Pick<Boot, "people">): string {
  if (isBlank(value)) return "";
  switch (field.kind) {
    case "person":
      return said(value, field, { currency: "", people: boot.people });
    case "reference":
    case "cite":
      return (value as Named).key ?? "";
    case "product":
      return (value as Named).name ?? "";
    case "flag":
      return value ? "yes" : "no";
    case "tags":
      return (value as string[]).join(", ");
    case "moment":
      return String(value);
    case "choice":
      return field.choices?.find(([one]) => String(one) === String(value))?.[1] ?? String(value);
    default:
      return String(value);
  }
}
