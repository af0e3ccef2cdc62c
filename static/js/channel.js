// @ts-check
/**
 * What a frame and the page around it may say to each other; everything else is ignored. The page may choose a theme,
 * point at a comment and say by a token of its own who reads it. Nothing it says posts, navigates or signs out.
 *
 * @typedef {{ type: "aftershow:theme", theme: "auto" | "light" | "dark" }} ThemeMessage
 * @typedef {{ type: "aftershow:scroll", comment: string }} ScrollMessage
 * @typedef {{ type: "aftershow:sso", token: string }} TokenMessage
 * @typedef {ThemeMessage | ScrollMessage | TokenMessage} Message
 * @typedef {{ type: "aftershow:height", height: number }} HeightMessage
 * @typedef {{ type: "aftershow:show", top: number, bottom: number }} ShowMessage
 */

/** A signed token is no longer than this, in characters. */
const LONGEST_TOKEN = 4096;

/** @param {any} data @returns {Message | null} */
export function readMessage(data) {
  if (typeof data !== "object" || data === null) return null;
  if (data.type === "aftershow:theme" && ["auto", "light", "dark"].includes(data.theme)) return { type: data.type, theme: data.theme };
  if (data.type === "aftershow:scroll" && /^\d{1,20}$/.test(data.comment)) return { type: data.type, comment: String(data.comment) };
  if (data.type === "aftershow:sso" && typeof data.token === "string" && data.token && data.token.length <= LONGEST_TOKEN) return { type: data.type, token: data.token };
  return null;
}

/** The first of `named` that is one of the origins this site allows. @param {string[]} allowed @param {string[]} named */
export const pickOrigin = (allowed, named) => named.find((origin) => allowed.includes(origin)) ?? null;

/**
 * A line to the page around this frame. Until its origin is known (from the address, the referrer, or its first valid
 * message) nothing is sent.
 * @param {string[]} allowed @param {string[]} named @param {(message: Message) => void} receive
 */
export function openChannel(allowed, named, receive) {
  let parent = pickOrigin(allowed, named);
  /** @type {HeightMessage | ShowMessage | null} */
  let waiting = null;
  const post = (/** @type {HeightMessage | ShowMessage} */ message) => {
    if (parent) window.parent.postMessage(message, parent);
    else waiting = message;
  };
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !allowed.includes(event.origin)) return;
    const message = readMessage(event.data);
    if (!message) return;
    parent = event.origin;
    if (waiting) post(waiting);
    waiting = null;
    receive(message);
  });
  return post;
}
