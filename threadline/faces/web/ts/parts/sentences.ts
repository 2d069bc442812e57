// A text cut into its sentences, as [from, to) offsets: for picking a part of it by keyboard.

export type Span = readonly [number, number];

export function sentences(text: string): Span[] {
  const found: Span[] = [];
  for (const line of text.matchAll(/[^\n]+/g)) {
    for (const one of line[0].matchAll(/\S(?:.*?[.!?…]+["”’')\]]*(?=\s)|.*$)/g)) {
      const from = line.index + one.index;
      const to = from + one[0].trimEnd().length;
      if (to > from) found.push([from, to]);
    }
  }
  return found;
}

// The next sentence after the one that was picked, around the end and back to none.
export function turned(count: number, at: number, step: 1 | -1): number {
  const places = count + 1; // -1, the whole of it, is a place too
  return ((at + 1 + step + places) % places) - 1;
}
