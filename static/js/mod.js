// @ts-check
/** The console of moderators, with scripts: nothing needs a mouse, and two moderators see each other. */
import { bindItems } from "./mod_item.js";
import { bindKeys } from "./mod_keys.js";
import { bindLive, look } from "./mod_live.js";
import { bindTimes } from "./times.js";

bindTimes();
bindKeys();
bindItems();
bindLive();
look();
document.documentElement.dataset.ready = "";
