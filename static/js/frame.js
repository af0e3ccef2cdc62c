// @ts-check
/** Inside an embed: tells the page around it how tall it is, takes its theme, announces an article nobody knew yet. */
import { openChannel, pickOrigin } from "./channel.js";
import { nodeOf, reveal, thread } from "./page.js";

const root = document.documentElement;

/** Who may be around this frame, as said by the loader, the referrer and the browser. */
function namedOrigins() {
  const named = /^#aftershow-parent=(.+)$/.exec(location.hash)?.[1];
  /** @type {string[]} */
  const found = [...(location.ancestorOrigins ?? [])].slice(0, 1);
  try { if (named) found.unshift(decodeURIComponent(named)); } catch { /* not an address */ }
  try { found.push(new URL(document.referrer).origin); } catch { /* no referrer */ }
  return found;
}

const allowed = (root.dataset.origins ?? "").split(" ").filter(Boolean);
/** The page around: what its browser and its loader say of it, as far as the site knows it. */
export const around = () => pickOrigin(allowed, namedOrigins()) ?? allowed[0] ?? location.origin;

/** @param {import("./channel.js").Message} message */
function receive(message) {
  // The page around speaks our language, so it gives the height too: no second scroll bar.
  root.toggleAttribute("data-sized", true);
  if (message.type === "aftershow:theme") root.dataset.theme = message.theme;
  if (message.type === "aftershow:sso") void import("./sso.js").then(({ vouch }) => vouch(message.token));
  if (message.type === "aftershow:scroll") {
    const article = nodeOf(message.comment)?.querySelector(":scope > .comment");
    if (article instanceof HTMLElement) reveal(article);
  }
}

/** An article's first reader makes it known; the server looks at the page itself before it believes anything. */
function announce() {
  const { announce: path, article, identifier } = thread?.dataset ?? {};
  if (!path || !article) return;
  fetch(path, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ url: article, ...(identifier && { identifier }) }) })
    .catch(() => { /* the next reader's browser tries again */ });
}

/** Binds a frame to the page around it. */
export function bindFrame() {
  if (window.parent === window) return;
  const post = openChannel(allowed, namedOrigins(), receive);
  const measure = () => post({ type: "aftershow:height", height: Math.ceil(root.getBoundingClientRect().height) });
  new ResizeObserver(measure).observe(root);
  measure();
  document.addEventListener("aftershow:reveal", (event) => {
    const box = /** @type {HTMLElement} */ (/** @type {CustomEvent} */ (event).detail).getBoundingClientRect();
    measure();
    post({ type: "aftershow:show", top: Math.floor(box.top), bottom: Math.ceil(box.bottom) });
  });
  announce();
}
