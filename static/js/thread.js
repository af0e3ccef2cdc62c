// @ts-check
/** The entry of every page with comments: binds each behaviour to what the server drew. */
import { bindCollapse } from "./collapse.js";
import { bindAll } from "./composer.js";
import { bindFrame } from "./frame.js";
import { bindActions } from "./inline.js";
import { arrive, bindMine } from "./mine.js";
import { bindMore } from "./more.js";
import { bindTimes } from "./times.js";

if (document.documentElement.hasAttribute("data-frame")) bindFrame();
bindTimes();
bindAll((comment) => void arrive(comment));
if (document.querySelector("[data-thread]")) {
  bindCollapse();
  bindActions();
  bindMore();
  bindMine();
}
