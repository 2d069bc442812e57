// What the parts of a page tell each other, as events on the document. A part that is not on
// the page hears nothing and costs nothing.
//   tl:open       {key}           show this record beside the page
//   tl:close      {}              show nothing beside the page any longer
//   tl:opened     {key}           it is shown; null when nothing is any longer
//   tl:step       {from, by}      the record after (1) or before (-1) this one; whoever has an order answers with tl:open
//   tl:shown      {root}          markup was put into the page; parts that work on elements look through it
//   tl:selection  {type, ids}     these rows are selected; the palette offers what can be done
//   tl:toast      {text, ...}     say it at the foot of the page; undo is an address to POST to
//   tl:changed    {keys}          these records were changed from here; empty when not known which

export type Tone = "ok" | "info" | "warn" | "bad";

export interface Toast {
  text: string;
  undo?: string;
  link?: { label: string; href: string };
  tone?: Tone;
  action?: { label: string; run: () => void };
  again?: boolean; // undoing an undo: offered in the toast, but not what z does next
}

export interface Events {
  "tl:open": { key: string; path?: string; stay?: boolean }; // path: a page below the record's; stay: the focus stays where it is
  "tl:close": Record<string, never>;
  "tl:opened": { key: string | null };
  "tl:step": { from: string; by: 1 | -1 };
  "tl:shown": { root: HTMLElement };
  "tl:selection": { type: string; ids: string[] };
  "tl:toast": Toast;
  "tl:changed": { keys: string[] };
}

export function tell<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

// Listens until the function it gives back is called.
export function hear<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void {
  const heard = (event: Event): void => listener((event as CustomEvent<Events[Name]>).detail);
  document.addEventListener(name, heard);
  return () => document.removeEventListener(name, heard);
}
