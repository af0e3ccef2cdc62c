// @ts-check
/** What every behaviour shares: translated sentences, the live region, storage that may be refused, small DOM helpers. */

/** @type {Record<string, string>} */
const texts = JSON.parse(document.querySelector("[data-texts]")?.getAttribute("data-texts") ?? "{}");

export const lang = document.documentElement.lang || "en";

/** The element that carries a discussion, absent on pages that only have a form. @type {HTMLElement | null} */
export const thread = document.querySelector("[data-thread]");

/**
 * A translated sentence; `{name}` in it is replaced by `values.name`.
 * @param {string} key @param {Record<string, string | number>} [values]
 */
export function text(key, values = {}) {
  return (texts[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) =>
    name in values ? (typeof values[name] === "number" ? new Intl.NumberFormat(lang).format(values[name]) : values[name]) : whole);
}

/** Is there a sentence under this key? @param {string} key */
export const hasText = (key) => key in texts;

/** Says something to people who listen to the page. @param {string} message */
export function say(message) {
  const region = document.querySelector("[data-status]");
  if (!region) return;
  // The same words twice are only spoken again when the region was empty in between.
  region.textContent = "";
  setTimeout(() => { region.textContent = message; }, 50);
}

/** Browsers may refuse storage to a frame on a foreign page: then things are remembered until the page is left. */
function remember(/** @type {() => Storage} */ open) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  return {
    /** @param {string} key */
    get(key) { try { return open().getItem(key); } catch { return memory.get(key) ?? null; } },
    /** Answers whether it will still be there after a reload. @param {string} key @param {string} value */
    set(key, value) { try { open().setItem(key, value); return true; } catch { memory.set(key, value); return false; } },
    /** @param {string} key */
    remove(key) { try { open().removeItem(key); } catch { memory.delete(key); } },
  };
}
export const store = remember(() => localStorage);
export const session = remember(() => sessionStorage);

/** A mark of this browser's, see js/mark.js. @param {string} name */
export const marked = (name) => (store.get(name) ?? session.get(name)) !== null || document.cookie.includes(`${name}=1`);

/** The site whose comments these are. */
export const site = document.querySelector("[data-site]")?.getAttribute("data-site") ?? "";
/** Set where somebody signed in: before it nobody is asked for. A frame has a session of its own, and so a mark. */
export const IN = window.parent === window ? "aftershow.in" : `aftershow.in.${site}`;

/** Where cookies are refused to a frame, its session is kept for this tab and sent along: never as part of an address. */
export const BEARER = `aftershow.bearer.${site}`;
/** @returns {Record<string, string>} */
export function bearer() {
  const token = session.get(BEARER);
  return token ? { Authorization: ["Bearer", token].join(" ") } : {};
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, string>} [attributes] @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {string} words @param {() => void} act */
export function button(words, act, look = "") {
  const made = element("button", { class: `button ${look}`, type: "button" }, words);
  made.addEventListener("click", act);
  return made;
}

/** Fetches a page of this server and parses it; throws when there is none. @param {string} href @param {RequestInit} [options] */
export async function loadDocument(href, options) {
  const address = new URL(href, location.href);
  if (address.origin !== location.origin) throw new Error("foreign page");
  const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html", ...bearer() }, ...options });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** The node of a comment on this page. @param {string} id @param {ParentNode} [root] */
export const nodeOf = (id, root = document) =>
  /** @type {HTMLElement | null} */ (root.querySelector(`li[data-comment="${CSS.escape(id)}"]`));

/** The list of replies below a node, made when there is none. @param {HTMLElement} node @returns {HTMLElement} */
export function repliesOf(node) {
  const found = node.querySelector(":scope > .replies");
  if (found) return /** @type {HTMLElement} */ (found);
  const made = element("ol", { class: "replies", "data-replies": node.dataset.comment ?? "" });
  const before = node.querySelector(":scope > .more");
  if (before) before.before(made); else node.append(made);
  return made;
}

/** Tells the other behaviours that comments were drawn. @param {HTMLElement} root */
export const drawn = (root) => document.dispatchEvent(new CustomEvent("aftershow:drawn", { detail: root }));

/** Brings an element into view, with what belongs `around` it, and focuses it. @param {HTMLElement} target @param {HTMLElement} [around] */
export function reveal(target, around = target) {
  if (!target.hasAttribute("tabindex") && !target.matches("a, button, input, textarea")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  around.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  // A frame that has its full height cannot scroll: the page around it does (js/frame.js).
  document.dispatchEvent(new CustomEvent("aftershow:reveal", { detail: around }));
}
