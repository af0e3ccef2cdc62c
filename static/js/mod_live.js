// @ts-check
/** What changes while a moderator looks: how much waits, and who else has opened the same comment. */
import { element, lang, say, text } from "./page.js";

/** So often is asked how much waits, while the page can be seen; in milliseconds. */
const EVERY = 15_000;
/** A claim lasts five minutes, and is renewed by whoever still looks; in milliseconds. */
const RENEW = 120_000;

const main = /** @type {HTMLElement | null} */ (document.querySelector("main[data-mod]"));
const site = main?.dataset.mod ?? "";
const number = new Intl.NumberFormat(lang);
/** How much waited in this queue when its list was drawn. */
let drawn = -1;
/** The comment that is claimed. */
let held = "";
/** @type {ReturnType<typeof setInterval> | undefined} */
let renewing;

/** @param {string} path @param {object} [body] */
async function call(path, body) {
  try {
    const answer = await fetch(path, {
      method: body ? "POST" : "GET",
      keepalive: !!body,
      headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}

/** What has come in waits behind a button: the list never moves under its reader. @param {number} count */
function offer(count) {
  const list = document.querySelector(".mod-list");
  const old = list?.querySelector(".fresh");
  const words = text("arrived", { count });
  if (!list || count <= 0) { old?.remove(); return; }
  if (old) { old.textContent = words; return; }
  const made = element("button", { class: "button fresh", type: "button", "data-fresh": "" }, words);
  list.querySelector("header")?.after(made);
  say(words);
}

async function poll() {
  if (document.hidden || !document.querySelector("[data-count]")) return;
  const got = await call(`/api/v1/mod/queues?${new URLSearchParams({ site })}`);
  const here = document.querySelector("[data-list]")?.getAttribute("data-list");
  for (const { queue, count, more } of got?.queues ?? []) {
    const words = count ? `${number.format(count)}${more ? "+" : ""}` : "";
    const place = /** @type {HTMLElement | null} */ (document.querySelector(`[data-count="${CSS.escape(queue)}"]`));
    if (!place) continue;
    if (place.textContent !== words) place.textContent = words;
    place.hidden = !count;
    if (queue !== here) continue;
    if (drawn < 0) drawn = count;
    offer(count - drawn);
  }
}

/** The list was drawn anew: what waits is counted from here on. */
export function look() {
  drawn = -1;
  void poll();
}

/** Says who else looks at this comment. @param {{ mine: boolean, by: string }} claim */
function show({ mine, by }) {
  const free = mine || !by;
  const line = /** @type {HTMLElement | null} */ (document.querySelector(".mod-item [data-claim]"));
  if (!line) return;
  line.hidden = free;
  line.textContent = free ? "" : text("claimed", { name: by });
  if (!free) say(line.textContent);
}

async function claim() {
  const id = held;
  if (!id || document.hidden) return;
  const got = await call(`/api/v1/mod/items/${id}/claim`, { release: false });
  if (got && id === held) show(got);
}

/** Claims a comment, and lets the one before go; "" is none. @param {string} id */
export function hold(id) {
  clearInterval(renewing);
  if (held && held !== id) void call(`/api/v1/mod/items/${held}/claim`, { release: true });
  held = id;
  if (!id) return;
  void claim();
  renewing = setInterval(() => void claim(), RENEW);
}

/** Goes on looking. */
export function bindLive() {
  setInterval(() => void poll(), EVERY);
  document.addEventListener("visibilitychange", () => { void poll(); void claim(); });
  addEventListener("pagehide", () => { if (held) void call(`/api/v1/mod/items/${held}/claim`, { release: true }); });
}
