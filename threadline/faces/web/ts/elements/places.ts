// Places in a transcript. The server counts characters as people do (Unicode code points), the page
// counts UTF-16 units; these functions lead from one to the other and never split a character.

export interface Stretch {
  turn: number;
  start: number;
  last: number;
  end: number;
}

// How many code points stand before a UTF-16 offset.
export function pointsBefore(text: string, units: number): number {
  let count = 0;
  for (let at = 0; at < units && at < text.length; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

// The UTF-16 offset of a code point.
export function unitsOf(text: string, points: number): number {
  let at = 0;
  for (let count = 0; count < points && at < text.length; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

// The sentences of a turn as [start, end) in UTF-16 units, without the space between them.
export function sentences(text: string): [number, number][] {
  const found: [number, number][] = [];
  const parts =
    "Segmenter" in Intl
      ? [...new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text)].map((s) => [s.index, s.segment] as const)
      : [[0, text] as const];
  for (const [index, segment] of parts) {
    const kept = segment.trimEnd();
    if (kept.trim()) found.push([index + (segment.length - segment.trimStart().length), index + kept.length]);
  }
  return found;
}

// All places of a word, without regard to case, as [start, end) in UTF-16 units.
export function occurrences(text: string, wanted: string): [number, number][] {
  const found: [number, number][] = [];
  const low = text.toLowerCase();
  const word = wanted.toLowerCase();
  if (!word || low.length !== text.length) return found;
  for (let at = low.indexOf(word); at >= 0; at = low.indexOf(word, at + word.length)) found.push([at, at + word.length]);
  return found;
}
