// What every page gains from a script. Each part finds its own elements and does nothing
// where there are none; without any of this the page still works.

import { editInPlace } from "./parts/inplace";
import { beginForm, closeFlashes, focusProblems, sendByKey } from "./parts/attention";
import { openDialogsModally } from "./parts/dialogs";
import { offerCreate } from "./parts/creating";
import { hear } from "./parts/events";
import { listenForKeys } from "./parts/keys";
import { offerPalette } from "./parts/finding";
import { walkMenus } from "./parts/menus";
import { facts } from "./parts/page";
import { offerPanel, openKey } from "./parts/panel";
import { pickRows } from "./parts/picking";
import { printWhenAsked } from "./parts/printing";
import { refreshWhatGoesOn } from "./parts/refreshing";
import { walkRows } from "./parts/rows";
import { submitOnChange } from "./parts/submitting";
import { showToasts } from "./parts/toasts";

document.documentElement.dataset["js"] = "";
openDialogsModally(document);
showToasts(document);
closeFlashes(document);
focusProblems(document);
beginForm(document);
printWhenAsked();
pickRows(document);
submitOnChange(document);
refreshWhatGoesOn(document);
sendByKey();
hear("tl:shown", ({ root }) => submitOnChange(root));
offerCreate(document);
offerPalette(document);
walkRows(document);
walkMenus(document);
offerPanel();

// Who else is here matters where there is a record: on its page, and once the panel holds one.
let met = false;
function meet(): void {
  if (met) return;
  met = true;
  import("./parts/together").then(({ workTogether }) => workTogether(document, openKey()), () => (met = false));
}
if (facts().key) meet();
hear("tl:opened", ({ key }) => key && meet());
document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLTextAreaElement && target.matches("[data-markdown]")) void import("./elements/editor/completing").then(({ completeIn }) => completeIn(target), () => undefined);
});
if (document.querySelector("#comment-body")) void import("./parts/passages").then(({ remarkOnWords }) => remarkOnWords(document), () => undefined);
editInPlace(document);
listenForKeys(document);
