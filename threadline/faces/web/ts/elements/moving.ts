// Sending one change of a roadmap through the door, and drawing the page's part anew afterwards.

import { tell } from "../parts/events";
import { at, facts } from "../parts/page";

interface Answer {
  done?: number[];
  refused?: { said: string }[];
  batch?: string;
  said?: string;
}

// Whether it was done; what went wrong is said at the foot of the page, and what was done can be undone there.
export async function change(path: string, edit: { n: number; do: string; given: Record<string, string>; version?: number }, said: string): Promise<boolean> {
  let answer: Answer;
  try {
    const sent = await fetch(at(`${path}/changes`), {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": facts().csrf },
      body: JSON.stringify({ mutation: crypto.randomUUID(), columns: [], edits: [edit] }),
    });
    answer = (await sent.json()) as Answer;
  } catch {
    answer = { said: "The server could not be reached. Nothing was changed." };
  }
  const wrong = answer.refused?.[0]?.said ?? (answer.done?.length ? "" : (answer.said ?? "The server could not answer."));
  if (wrong) tell("tl:toast", { text: wrong, tone: "bad" });
  else tell("tl:toast", { text: said, ...(answer.batch ? { undo: at(`undo/${answer.batch}`) } : {}) });
  return wrong === "";
}

// The part of this page that a selector names, as the server draws it now; null when it could not be fetched.
export async function drawnAnew(selector: string): Promise<Element | null> {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
  } catch {
    return null;
  }
}
