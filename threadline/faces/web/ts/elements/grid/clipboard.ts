// Cells as text with tabs between them, which every spreadsheet reads and writes.

import { raw } from "../../store/words";
import type { Field, Row } from "../../store/types";
import type { Model } from "./model";

type Cell = { row: Row; field: Field };

export function copied(model: Pick<Model, "store">, cells: Cell[][]): string[][] {
  return cells.map((line) => line.map(({ row, field }) => quoted(raw(row[field.name], field, model.store.boot))));
}

function quoted(text: string): string {
  return /[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Rows of cells; a cell in quotes may hold tabs and line breaks.
export function table(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  const given = text.replaceAll("\r\n", "\n").replace(/\n$/, "");
  while (at <= given.length) {
    let cell = "";
    if (given[at] === '"') {
      at += 1;
      while (at < given.length && !(given[at] === '"' && given[at + 1] !== '"')) {
        if (given[at] === '"') at += 1;
        cell += given[at] ?? "";
        at += 1;
      }
      at += 1;
    } else {
      while (at < given.length && given[at] !== "\t" && given[at] !== "\n") cell += given[at++] ?? "";
    }
    rows.at(-1)?.push(cell);
    if (at >= given.length) break;
    if (given[at] === "\n") rows.push([]);
    at += 1;
  }
  return rows;
}

// What a pasted text puts where: one cell fills the whole range, several begin at its first corner.
export function pasted(model: Model, text: string): { row: Row; field: Field; text: string }[] {
  const given = table(text);
  const cells = model.cells();
  if (given.length === 1 && given[0]?.length === 1) return cells.flat().map(({ row, field }) => ({ row, field, text: given[0]?.[0] ?? "" }));
  const { lines, cols } = model.range();
  const fields = model.fields.peek();
  const view = model.store.view.peek();
  const found: { row: Row; field: Field; text: string }[] = [];
  let at = lines[0];
  for (const line of given) {
    while (at < view.count && view.line(at).kind === "group") at += 1;
    const here = at < view.count ? view.line(at) : undefined;
    at += 1;
    if (here?.kind !== "row") continue;
    line.forEach((value, offset) => {
      const field = fields[cols[0] + offset];
      if (field !== undefined) found.push({ row: here.row, field, text: value });
    });
  }
  return found;
}
