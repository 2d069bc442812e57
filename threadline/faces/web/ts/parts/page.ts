// What the server says of the page: data blocks with an id, which no browser runs.

export interface PageFacts {
  home: string; // "/w/north/"
  csrf: string;
  kind?: string; // "feature", on a list or a record
  path?: string; // "features"
  key?: string; // "F-112", on a record
}

const kept = new Map<string, unknown>();

export function data<T>(id: string, otherwise: T): T {
  if (!kept.has(id)) {
    const text = document.getElementById(id)?.textContent;
    kept.set(id, text ? JSON.parse(text) : otherwise);
  }
  return kept.get(id) as T;
}

export function facts(): PageFacts {
  return data<PageFacts>("tl-page", { home: "", csrf: "" });
}

// An address in this workspace.
export function at(path: string): string {
  return facts().home + path;
}
