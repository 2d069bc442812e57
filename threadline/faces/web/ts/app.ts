// What every page gains from a script. Each part finds its own elements and does nothing
// where there are none; without any of this the page still works.

import { editInPlace } from "./parts/inplace";
import { closeFlashes, focusProblems } from "./parts/attention";
import { openDialogsModally } from "./parts/dialogs";
import { hear } from "./parts/events";
import { listenForKeys } from "./parts/keys";
import { offerPalette } from "./parts/finding";
import { walkMenus } from "./parts/menus";
import { offerPanel } from "./parts/panel";
import { pickRows } from "./parts/picking";
import { printWhenAsked } from "./parts/printing";
import { offerCreate } from "./parts/quick";
import { refreshWhatGoesOn } from "./parts/refreshing";
import { walkRows } from "./parts/rows";
import { offerSheet } from "./parts/sheet";
import { submitOnChange } from "./parts/submitting";
import { showToasts } from "./parts/toasts";
import { workTogether } from "./parts/together";

document.documentElement.dataset["js"] = "";
openDialogsModally(document);
showToasts(document);
closeFlashes(document);
focusProblems(document);
printWhenAsked();
pickRows(document);
submitOnChange(document);
refreshWhatGoesOn(document);
hear("tl:shown", ({ root }) => submitOnChange(root));
offerSheet(document);
offerCreate(document);
offerPalette(document);
walkRows(document);
walkMenus(document);
offerPanel();
workTogether(document);
editInPlace(document);
listenForKeys(document);
