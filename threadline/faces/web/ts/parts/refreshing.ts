// What is under way is asked for again every two seconds and put in place, without a new page.
// When the new page no longer holds it, it is over: then that page is shown.

const EVERY = 2000;

export function refreshWhatGoesOn(root: Document): void {
  const section = root.querySelector<HTMLElement>("[data-refresh]");
  if (section) setTimeout(() => void refresh(section), EVERY);
}

async function refresh(section: HTMLElement): Promise<void> {
  const address = section.dataset["refresh"];
  if (!address) return;
  const fresh = await newest(address, section.id);
  if (fresh === null) {
    location.assign(address);
    return;
  }
  if (fresh) section.replaceChildren(...fresh.childNodes);
  setTimeout(() => void refresh(section), EVERY);
}

// The section as it is now; null when the page no longer has it, nothing when it cannot be read just now.
async function newest(address: string, id: string): Promise<HTMLElement | null | undefined> {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) return undefined;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(id);
    return found?.dataset["refresh"] ? found : null;
  } catch {
    return undefined;
  }
}
