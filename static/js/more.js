// @ts-check
/** "N more replies" and "More comments" load in place. As links they lead to the page with the rest. */
import { drawn, element, loadDocument, nodeOf, repliesOf, reveal, say, text, thread } from "./page.js";

/** Appends in order; a comment that was here already moves to its place. Answers what was new. @param {HTMLElement} list @param {Iterable<Element>} items */
function append(list, items) {
  /** @type {HTMLElement[]} */
  const fresh = [];
  for (const item of items) {
    const here = nodeOf(/** @type {HTMLElement} */ (item).dataset.comment ?? "");
    const node = here ?? /** @type {HTMLElement} */ (document.importNode(item, true));
    if (!here) fresh.push(node);
    list.append(node);
  }
  fresh.forEach(drawn);
  return fresh;
}

/** @param {HTMLAnchorElement} link @param {Document} page */
function moreReplies(link, page) {
  const node = /** @type {HTMLElement} */ (link.closest("li[data-comment]"));
  const id = node.dataset.comment ?? "";
  const source = nodeOf(id, page);
  const items = source?.querySelector(":scope > .replies")?.children;
  if (!source || !items) throw new Error("no replies");
  // The page of one conversation keeps the way to its next part below the list.
  const onward = page.querySelector(`[data-focus="${CSS.escape(id)}"] [data-next]`);
  const rest = source.querySelector(":scope > .more") ?? (onward && element("p", { class: "more" },
    element("a", { "data-more": "", href: onward.getAttribute("href") ?? "", target: "_self" }, onward.textContent ?? "")));
  const old = link.closest(".more");
  const fresh = append(repliesOf(node), items);
  if (rest) old?.replaceWith(document.importNode(rest, true)); else old?.remove();
  return fresh;
}

/** @param {HTMLAnchorElement} link @param {Document} page */
function nextPage(link, page) {
  const focus = nodeOf(thread?.dataset.focus ?? "");
  const list = focus ? repliesOf(focus) : thread?.querySelector("[data-list]");
  const source = focus ? nodeOf(focus.dataset.comment ?? "", page)?.querySelector(":scope > .replies") : page.querySelector("[data-list]");
  if (!(list instanceof HTMLElement) || !source) throw new Error("no comments");
  const rest = page.querySelector("[data-pager]");
  const old = link.closest("[data-pager]");
  const fresh = append(list, source.children);
  if (rest) old?.replaceWith(document.importNode(rest, true)); else old?.remove();
  return fresh;
}

/** The pages whose comments were brought here. @type {Set<string>} */
export const loaded = new Set();

/** @param {HTMLAnchorElement} link */
async function load(link) {
  const words = link.dataset.words ??= link.textContent ?? "";
  link.ariaBusy = "true";
  link.textContent = text("loading");
  try {
    const page = await loadDocument(link.href);
    loaded.add(link.href);
    const fresh = link.matches("[data-more]") ? moreReplies(link, page) : nextPage(link, page);
    say(text("loaded", { count: fresh.length }));
    const first = fresh[0]?.querySelector(".comment");
    if (first instanceof HTMLElement) reveal(first);
  } catch {
    link.textContent = `${text("notLoaded")} (${words})`;
    say(text("notLoaded"));
  } finally {
    link.ariaBusy = null;
  }
}

/** Binds the links to further comments. */
export function bindMore() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-more], a[data-next]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (link.ariaBusy !== "true") void load(link);
  });
}
