// Ranking a short list against a few letters: beginnings of words count most, then letters in order.

export interface Choice {
  label: string;
  sub?: string;
}

// 0 when it does not match; the higher the better.
export function score(label: string, query: string): number {
  const [text, wanted] = [label.toLowerCase(), query.toLowerCase().trim()];
  if (wanted === "") return 1;
  if (text.startsWith(wanted)) return 100;
  const words = text.split(/[^\p{L}\p{N}]+/u);
  const parts = wanted.split(/\s+/);
  if (parts.every((part) => words.some((word) => word.startsWith(part)))) return 80 - Math.min(20, text.length / 10);
  const initials = words.map((word) => word[0] ?? "").join("");
  if (wanted.length > 1 && initials.startsWith(wanted)) return 60;
  if (wanted.length > 2 && text.includes(wanted)) return 40;
  return 0;
}

export function best<One extends Choice>(all: One[], query: string, most: number): One[] {
  const ranked = all.map((one) => ({ one, mark: Math.max(score(one.label, query), score(`${one.sub ?? ""} ${one.label}`, query) * 0.8) }));
  return ranked.filter((each) => each.mark > 0).sort((a, b) => b.mark - a.mark).slice(0, most).map((each) => each.one);
}
