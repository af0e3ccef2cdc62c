// @ts-check
/** The entry of every page with comments: binds each behaviour to what the server drew. */
import { bindCollapse } from "./collapse.js";
import { bindAll } from "./composer.js";
import { bindCovers } from "./covers.js";
import { bindFrame } from "./frame.js";
import { bindActions } from "./inline.js";
import { bindMore } from "./more.js";
import { IN, marked, thread } from "./page.js";
import { bindTimes } from "./times.js";

/** Set by the first successful write: before it there is nothing of this browser's own to merge in. */
const WROTE = "aftershow.wrote";
const mine = () => import("./mine.js");
const identity = () => import("./identity.js");

/** Signing in is prepared when somebody is about to: its window has to open while they press. */
function bindSignIn() {
  for (const type of ["pointerover", "focusin", "click"]) document.addEventListener(type, (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-sign-in]") : null;
    if (!(link instanceof HTMLAnchorElement) || !navigator.onLine) return;
    const ready = import("./signin.js");
    if (event instanceof MouseEvent && type === "click" && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      ready.then(({ signIn }) => signIn(link), () => open(link.href));
    } else ready.catch(() => { /* tried again when it is pressed */ });
  });
  // Somebody signs in or out in another tab.
  window.addEventListener("storage", ({ key }) => { if (key === IN) void identity().then(({ know }) => know()); });
}

if (document.documentElement.hasAttribute("data-frame")) bindFrame();
bindTimes();
bindAll((comment) => void mine().then(({ arrive }) => arrive(comment)));
bindCovers();
bindSignIn();
if (marked(IN) || document.querySelector("[data-as]")) void identity().then(({ know }) => know());
if (thread) {
  bindCollapse();
  bindActions();
  bindMore();
  // A page that stays open does not keep what was covered since.
  const look = () => void (document.hidden || import("./fresh.js").then((fresh) => fresh.look()));
  if (!thread.hasAttribute("data-personal")) {
    setInterval(look, 60_000);
    document.addEventListener("visibilitychange", look);
  }
  if (thread.hasAttribute("data-personal") || marked(WROTE) || marked(IN)) void mine().then(({ bindMine }) => bindMine());
}
// From here on links do what they promise in place; before, they lead to pages of their own.
document.documentElement.dataset.ready = "";
