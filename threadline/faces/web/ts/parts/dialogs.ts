// Dialogs open through the popover attribute by themselves. With a script they become modal:
// focus stays inside, Escape closes, the page behind is inert.

export function openDialogsModally(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[popovertarget]") : null;
    const dialog = button && root.getElementById(button.getAttribute("popovertarget") ?? "");
    if (!(button instanceof HTMLButtonElement) || !(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    if (dialog.open) {
      dialog.close();
    } else if (button.getAttribute("popovertargetaction") !== "hide") {
      root.querySelector<HTMLElement>(".menu:popover-open")?.hidePopover();
      dialog.showModal();
    }
  });
}
