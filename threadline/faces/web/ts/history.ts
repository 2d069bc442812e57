// The slider over the days on which a record changed: each stop shows the record as it stood then.

import { Fragments } from "./parts/fragments";

const slide = document.querySelector<HTMLElement>("[data-slide]");
const range = slide?.querySelector<HTMLInputElement>("input[type=range]");
const page = slide?.querySelector<HTMLElement>("[data-slide-page]");
const said = slide?.querySelector<HTMLElement>("[data-slide-day]");
const days = [...(slide?.querySelectorAll<HTMLElement>("[data-day]") ?? [])];
const kept = new Fragments();

async function show(index: number): Promise<void> {
  const day = days[index];
  if (!slide || !range || !page || !said || !day) return;
  const label = day.textContent ?? "";
  range.setAttribute("aria-valuetext", label);
  said.textContent = `at the end of ${label}`;
  try {
    const markup = await kept.get(`${slide.dataset["slide"]}?as_of=${day.dataset["day"]}`);
    if (Number(range.value) !== index) return;
    const article = new DOMParser().parseFromString(markup, "text/html").querySelector("article.page");
    for (const id of article?.querySelectorAll("[id]") ?? []) id.removeAttribute("id");
    for (const part of article?.querySelectorAll("[aria-labelledby]") ?? []) part.removeAttribute("aria-labelledby");
    const title = article?.querySelector("h1");
    if (title) {
      const smaller = document.createElement("h3");
      smaller.append(...title.childNodes);
      title.replaceWith(smaller);
    }
    article?.querySelector(".note")?.remove();
    page.hidden = false;
    page.replaceChildren(...(article?.childNodes ?? []));
  } catch {
    page.textContent = "This day cannot be read just now.";
  }
}

range?.addEventListener("input", () => {
  const index = Number(range.value);
  void show(index);
  for (const near of [index - 1, index + 1]) {
    const day = days[near]?.dataset["day"];
    if (day && slide) kept.get(`${slide.dataset["slide"]}?as_of=${day}`).catch(() => undefined);
  }
});
