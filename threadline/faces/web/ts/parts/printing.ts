// A page that was asked for to be printed (?print=1) opens the browser's own dialog once it stands.

export function printWhenAsked(): void {
  if (new URL(location.href).searchParams.get("print") !== "1") return;
  addEventListener("load", () => setTimeout(() => print(), 100), { once: true });
}
