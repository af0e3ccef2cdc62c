// @ts-check
/** Keeps an open page honest: what was covered or deleted on the server since it was drawn goes from here too. */
import { loaded } from "./more.js";
import { drawn, nodeOf, say, text, thread } from "./page.js";
import { about, changed, works } from "./progress.js";

const here = location.pathname + location.search;
/** The last version seen of each page whose comments are here. @type {Map<string, string | null>} */
const pages = new Map();

/** What the discussion as a whole gives away may have changed. @param {Document} page */
function learn(page) {
  const said = /** @type {HTMLElement | null} */ (page.querySelector("[data-thread]"))?.dataset.spoilers;
  if (!said || !thread || said === thread.dataset.spoilers) return;
  thread.dataset.spoilers = said;
  Object.assign(about, JSON.parse(said));
  Object.assign(works, about.works);
  changed();
}

/** @param {HTMLElement} fresh a comment's node as it is drawn now @returns {boolean} whether it hides something more */
function renew(fresh) {
  const node = nodeOf(fresh.dataset.comment ?? "");
  const old = node?.querySelector(":scope > .comment:not(.own, .gone)");
  const article = fresh.querySelector(":scope > .comment");
  if (!node || !old || !article) return false;
  const [was, is] = [old, article].map((part) => part.querySelector(".body"));
  const more = hidesMore(old, article);
  if (article.matches(".gone")) old.replaceWith(document.importNode(article, true));
  else if (more && was && is) was.replaceWith(document.importNode(is, true));
  else return false;
  drawn(node);
  return true;
}

/** Does a body hide something that it did not? @param {Element | null} was @param {Element | null} is */
function hidesMore(was, is) {
  const here = new Set([...(was?.querySelectorAll("[data-sp]") ?? [])].map((cover) => cover.getAttribute("data-sp")));
  return [...(is?.querySelectorAll("[data-sp]") ?? [])].some((cover) => !here.has(cover.getAttribute("data-sp")));
}

/** The comment on top, which the first page has. @param {Document} page @returns {boolean} whether something went */
function renewTop(page) {
  const [old, now] = [document, page].map((root) => root.querySelector("[data-featured]"));
  if (!old || (now?.getAttribute("data-featured") === old.getAttribute("data-featured") && !hidesMore(old, now))) return false;
  const next = now && document.importNode(now, true);
  old.replaceWith(...(next ? [next] : []));
  if (next instanceof HTMLElement) drawn(next);
  return true;
}

/** @param {string} address */
async function check(address) {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-cache", headers: { Accept: "text/html" } });
  const version = answer.headers.get("ETag");
  if (!answer.ok || (version && version === pages.get(address))) return;
  pages.set(address, version);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  learn(page);
  const hidden = [...page.querySelectorAll("li[data-comment]")].filter((node) => renew(/** @type {HTMLElement} */ (node)));
  if (!(address === here && renewTop(page)) && !hidden.length) return;
  // What search engines are told repeats the comments.
  for (const told of document.querySelectorAll('script[type="application/ld+json"]')) told.remove();
  say(text("coveredSince"));
}

/** Looks once at every page that is shown here. Nothing that is being read moves, unless it must not be read. */
export async function look() {
  for (const address of [here, ...loaded]) await check(address).catch(() => { /* offline: the next look tells */ });
}
