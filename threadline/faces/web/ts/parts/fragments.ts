// Pieces of pages that are asked for before they are needed, by address. Each is asked for once.

import { facts } from "./page";

export class Fragments {
  private kept = new Map<string, Promise<string>>();

  get(address: string): Promise<string> {
    let found = this.kept.get(address);
    if (!found) {
      found = load(address);
      this.kept.set(address, found);
      found.catch(() => this.kept.delete(address)); // the next one who asks tries again
    }
    return found;
  }

  forget(address: string): void {
    this.kept.delete(address);
  }
}

async function load(address: string): Promise<string> {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.text();
}

export interface Said {
  text: string;
  undo?: string;
  href?: string;
}

// Sends a form to the server in the background; gives what it said, or throws with why not.
export async function send(address: string, body: FormData): Promise<Said> {
  let answer: Response;
  try {
    answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true });
  } catch {
    throw new Error("The server cannot be reached.");
  }
  if (answer.redirected) throw new Error("You are signed out: sign in again in another tab.");
  const said = (await answer.json().catch(() => ({ text: "The server could not do it." }))) as Said;
  if (!answer.ok) throw new Error(said.text);
  return said;
}

// A form with nothing in it but the token that makes it ours.
export function bare(): FormData {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", facts().csrf);
  return body;
}
