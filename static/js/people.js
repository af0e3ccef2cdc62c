// @ts-check
/** For people who are signed in: other people's comments fold away, a discussion is followed, guests' comments are claimed. */
import { button, element, say, session, site, text, thread } from "./page.js";
import { send } from "./send.js";

/** Comments by people whom this one mutes. @type {Set<string>} */
let muted = new Set();
/** Shown once all the same, until the page is left. @type {Set<string>} */
const shown = new Set();
let on = false;
/** In this tab nobody asks again. */
const LATER = "aftershow.unclaimed";

/** @param {string} kind @param {string} words @param {() => void} act */
function verb(kind, words, act) {
  const made = element("button", { class: "act", type: "button", "data-act": kind }, words);
  made.addEventListener("click", act);
  return made;
}

/** Folds a comment away, or not. What answers it stays. @param {HTMLElement} node */
function draw(node) {
  const id = node.dataset.comment ?? "";
  const article = node.querySelector(":scope > .comment:not(.gone)");
  if (!(article instanceof HTMLElement)) return;
  for (const part of article.querySelectorAll(':scope > .muted, :scope > .acts > [data-act="mute"]')) part.remove();
  const folded = on && muted.has(id) && !shown.has(id);
  for (const part of article.querySelectorAll(":scope > .body, :scope > .acts")) part.toggleAttribute("data-folded", folded);
  if (folded) {
    article.querySelector(":scope > header")?.after(element("p", { class: "muted" }, text("muted"), " ",
      verb("unfold", text("showOnce"), () => { shown.add(id); draw(node); article.tabIndex = -1; article.focus({ preventScroll: true }); })));
  }
  if (!on || article.matches(".own")) return;
  const is = muted.has(id);
  const act = verb("mute", text(is ? "unmute" : "mute"), () => void toggle(node, id, is));
  act.setAttribute("aria-describedby", `by${id}`);
  article.querySelector(":scope > .acts")?.append(act);
}

/** @param {HTMLElement} node @param {string} id @param {boolean} was */
async function toggle(node, id, was) {
  const outcome = await send(was ? "DELETE" : "PUT", `/api/v1/comments/${id}/mute`, null);
  if (!outcome.ok) return say(outcome.message);
  const name = node.querySelector(":scope > .comment .name bdi")?.textContent ?? "";
  muted = new Set(outcome.data.muted);
  shown.clear();
  drawAll();
  say(text(was ? "unmuted" : "mutedNow", { name }));
  const next = node.querySelector(':scope > .comment > .muted button, :scope > .comment > .acts > [data-act="mute"]');
  if (next instanceof HTMLElement) next.focus();
}

/** @param {ParentNode} [root] */
function drawAll(root = document) {
  if (root instanceof HTMLElement && root.matches("li[data-comment]")) draw(root);
  for (const node of root.querySelectorAll("li[data-comment]")) draw(/** @type {HTMLElement} */ (node));
  // On top it would be folded to nothing; among the others it can be unfolded.
  for (const top of document.querySelectorAll("[data-featured]")) top.toggleAttribute("hidden", on && muted.has(top.getAttribute("data-featured") ?? ""));
}

/** @param {boolean} following */
function follow(following) {
  document.querySelector("[data-follow]")?.remove();
  const id = thread?.dataset.discussion;
  if (!on || !id) return;
  const made = element("button", { class: "button quiet", type: "button", "data-follow": "", "aria-pressed": String(following) }, text(following ? "following" : "follow"));
  made.addEventListener("click", async () => {
    const outcome = await send(following ? "DELETE" : "PUT", `/api/v1/discussions/${id}/follow`, null);
    if (!outcome.ok) return say(outcome.message);
    follow(!following);
    say(text(following ? "unfollowed" : "followed"));
    /** @type {HTMLElement | null} */ (document.querySelector("[data-follow]"))?.focus();
  });
  document.querySelector("#count")?.after(made);
}

/** What this browser wrote as a guest can become one's own. @param {number} count */
function offer(count) {
  document.querySelector("[data-claim]")?.remove();
  if (!on || !count || session.get(LATER)) return;
  const box = element("div", { class: "notice claim", "data-claim": "" }, element("p", {}, text("claimable", { count })));
  const claim = async () => {
    const outcome = await send("POST", `/api/v1/me/claim?${new URLSearchParams({ site })}`, {});
    if (!outcome.ok) return say(outcome.message);
    const done = text("claimed", { count: outcome.data.claimed });
    box.replaceChildren(element("p", { tabindex: "-1" }, done));
    /** @type {HTMLElement} */ (box.firstChild).focus({ preventScroll: true });
    say(done);
    await (await import("./mine.js")).merge();
  };
  const later = () => { session.set(LATER, "1"); box.remove(); document.querySelector("form[data-composer] textarea")?.focus(); };
  box.append(element("div", { class: "choices" }, button(text("claim"), () => void claim()), button(text("notNow"), later, "quiet")));
  document.querySelector("form[data-composer]")?.before(box);
}

/** @param {import("./identity.js").Me} me */
export function settle(me) {
  on = true;
  muted = new Set(me.muted);
  drawAll();
  follow(me.following);
  offer(me.claimable);
}

/** Nobody is signed in any more. */
export function leave() {
  on = false;
  muted = new Set();
  drawAll();
  follow(false);
  offer(0);
}

document.addEventListener("aftershow:drawn", (event) => drawAll(/** @type {CustomEvent} */ (event).detail));
