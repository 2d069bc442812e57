// The range of a bar as whole days since 1970, and what moving it or one of its ends does to it.

export type Zone = "all" | "starts" | "likely" | "sure";

export interface Dates {
  starts: number | null;
  likely: number;
  sure: number | null;
  own: boolean; // somebody said when it is sure; otherwise the estimates do, and do again after a move
}

export function daysOf(text: string): number {
  return Math.round(Date.parse(`${text}T00:00:00Z`) / 86_400_000);
}

// Ends stay in order: an end that is pushed past another takes that one along.
export function moved(dates: Dates, zone: Zone, by: number): Dates {
  const { starts, likely, sure, own } = dates;
  if (zone === "all") return { starts: starts === null ? null : starts + by, likely: likely + by, sure: sure === null ? null : sure + by, own };
  if (zone === "starts") return { starts: Math.min((starts ?? likely) + by, likely), likely, sure, own };
  if (zone === "likely") {
    const now = Math.max(likely + by, starts ?? -Infinity);
    return { starts, likely: now, sure: sure === null ? null : own ? Math.max(sure, now) : sure + now - likely, own };
  }
  return { starts, likely, sure: Math.max((sure ?? likely) + by, likely), own: true };
}

// What is sent. A day when it is sure is sent only where somebody said it.
export function fieldsOf(dates: Dates, release: boolean): Record<string, string> {
  const starts = dates.starts === null ? {} : { starts_on: text(dates.starts) };
  const sure = dates.own && dates.sure !== null && !release ? { late_on: text(dates.sure) } : {};
  return { ...starts, due_on: text(dates.likely), ...sure };
}

export function said(dates: Dates): string {
  const starts = dates.starts === null ? "" : `${shown(dates.starts)} to `;
  return `${starts}${shown(dates.likely)}${dates.sure === null ? "" : `, sure by ${shown(dates.sure)}`}`;
}

function text(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

function shown(day: number): string {
  return new Date(day * 86_400_000).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
}
