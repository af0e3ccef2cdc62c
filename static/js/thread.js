// @ts-check
/** The entry of every page with comments: binds each behaviour to what the server drew. */
import { bindCollapse } from "./collapse.js";
import { bindAll } from "./composer.js";
import { bindCovers } from "./covers.js";
import { bindFrame } from "./frame.js";
import { bindActions } from "./inline.js";
import { bindMore } from "./more.js";
import { store, thread } from "./page.js";
import { bindTimes } from "./times.js";

/** Set by the first successful write: before it there is nothing of this browser's own to merge in. */
const WROTE = "aftershow.wrote";
const mine = () => import("./mine.js");

if (document.documentElement.hasAttribute("data-frame")) bindFrame();
bindTimes();
bindAll((comment) => void mine().then(({ arrive }) => arrive(comment)));
bindCovers();
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
  if (thread.hasAttribute("data-personal") || store.get(WROTE) !== null || document.cookie.includes(`${WROTE}=1`)) void mine().then(({ bindMine }) => bindMine());
}
