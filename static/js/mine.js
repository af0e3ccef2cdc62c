// @ts-check
/**
 * Everyone gets the same page. What only this browser may see or do (its held comments, edit, delete) is a second small
 * request, made only after this browser has written something, and merged in here.
 */
import { dropSent } from "./draft.js";
import { mark } from "./mark.js";
import { drawn, loadDocument, nodeOf, repliesOf, reveal, say, text, thread } from "./page.js";

/** Set by the first successful write: this file is loaded when it is (js/thread.js), or by a write. */
const WROTE = "aftershow.wrote";

/** Ids are decimal numbers too long for numbers. @param {string} a @param {string} b */
const compare = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** @param {Element} item */
const idOf = (item) => /** @type {HTMLElement} */ (item).dataset.comment ?? "";

/** @param {Document} page @returns {HTMLElement[]} */
function ownNodes(page) {
  const listed = page.querySelector("[data-mine]:not(main)");
  const found = listed ? [...listed.querySelectorAll("li[data-comment]")] : [...page.querySelectorAll(".comment.own")].map((own) => own.closest("li[data-comment]"));
  const nodes = /** @type {HTMLElement[]} */ (found.filter(Boolean));
  for (const node of nodes) {
    const parent = node.parentElement?.closest("li[data-comment]");
    if (parent && !node.dataset.parent) node.dataset.parent = idOf(parent);
  }
  // Each stands alone: replies are on the page already or come with "more".
  for (const node of nodes) node.querySelectorAll(":scope > .replies, :scope > .more").forEach((part) => part.remove());
  return nodes;
}

/** Takes over where this browser's comments are found from a newer copy of the page. @param {Document} page */
function learn(page) {
  const { mine, ownPage } = /** @type {HTMLElement | null} */ (page.querySelector("[data-thread]"))?.dataset ?? {};
  if (mine && thread) thread.dataset.mine = mine;
  if (ownPage && thread) thread.dataset.ownPage = ownPage;
}

/** @returns {Promise<HTMLElement[]>} */
async function fetchMine() {
  if (!thread) return [];
  try {
    // An article nobody had written under has no such address until the first comment is there.
    if (!thread.dataset.mine && !thread.dataset.ownPage) learn(await loadDocument(location.href, { cache: "no-store" }));
    const href = thread.dataset.mine ?? thread.dataset.ownPage;
    if (!href) return [];
    const page = await loadDocument(href, { cache: "no-store" });
    learn(page);
    const count = page.querySelector("[data-count]")?.getAttribute("data-count") ?? page.querySelector("#count")?.textContent;
    const heading = document.querySelector("#count");
    if (count && heading) heading.textContent = count;
    const standing = page.querySelector("[data-standing]");
    if (standing || document.querySelector("[data-standing]")) void import("./standing.js").then(({ show }) => show(standing));
    return ownNodes(page).sort((a, b) => compare(idOf(a), idOf(b)));
  } catch {
    return [];
  }
}

/** Does this list run from new to old? @param {HTMLElement} list @param {Element[]} items */
const newestFirst = (list, items) =>
  list.dataset.sort ? list.dataset.sort === "newest" : items.length > 1 && compare(idOf(items[0]), idOf(items[items.length - 1])) > 0;

/**
 * Puts a node where its age belongs. A reply stands below its parent even when others wait behind "more"; a comment of
 * its own that belongs to another page stays away, unless it was just written.
 * @param {HTMLElement} list @param {HTMLElement} node @param {boolean} fresh
 */
function place(list, node, fresh) {
  const items = [...list.children].filter((item) => idOf(item));
  const newest = newestFirst(list, items);
  const next = items.find((item) => compare(idOf(item), idOf(node)) * (newest ? -1 : 1) > 0);
  const elsewhere = next ? next === items[0] && list.hasAttribute("data-later") : document.querySelector("[data-pager]");
  if (!fresh && list.matches(".thread") && elsewhere) return;
  if (next) next.before(node); else list.append(node);
  document.querySelector("[data-empty]")?.remove();
  drawn(node);
}

/** @param {HTMLElement} node @param {boolean} fresh */
function mergeOne(node, fresh) {
  const here = nodeOf(idOf(node));
  const article = node.querySelector(":scope > .comment");
  if (here && article) {
    const old = here.querySelector(":scope > .comment");
    // What is being edited or pointed at is left alone.
    if (!old || (!fresh && (old.querySelector(".inline, .confirm") || old.contains(document.activeElement)))) return;
    old.replaceWith(document.importNode(article, true));
    drawn(here);
    return;
  }
  const parent = node.dataset.parent ? nodeOf(node.dataset.parent) : null;
  if (node.dataset.parent && !parent) return;
  const list = parent ? repliesOf(parent) : thread?.querySelector("[data-list]");
  if (!(list instanceof HTMLElement) || (!parent && thread?.hasAttribute("data-focus"))) return;
  place(list, /** @type {HTMLElement} */ (document.importNode(node, true)), fresh);
}

/** @param {string} [fresh] id of the comment that was just written */
export async function merge(fresh) {
  for (const node of await fetchMine()) mergeOne(node, idOf(node) === fresh);
}

/**
 * A comment was written: shows it, brings it into view and says so.
 * @param {{ id: string, status: string, notice_text?: string | null }} comment @param {"saved"} [how]
 */
export async function arrive(comment, how) {
  mark(WROTE);
  await merge(comment.id);
  const node = nodeOf(comment.id);
  say(comment.notice_text ?? text(comment.status === "held" ? "held" : how ?? "posted"));
  // Not drawable here (blocked cookies, or its page is another one): the page of the comment shows it.
  if (!node) return thread?.dataset.ownPage ? location.assign(thread.dataset.ownPage) : location.reload();
  node.classList.add("arrived");
  setTimeout(() => node.classList.remove("arrived"), 5000);
  const article = node.querySelector(":scope > .comment");
  if (article instanceof HTMLElement) reveal(article);
}

/** Merges once when this browser has written before. */
export function bindMine() {
  if (thread?.hasAttribute("data-personal") && thread.querySelector(".own")) { mark(WROTE); dropSent(); }
  if (thread?.dataset.mine && !thread.hasAttribute("data-personal")) void merge();
  const standing = document.querySelector("[data-standing]");
  if (standing) void import("./standing.js").then(({ show }) => show(standing));
}
