// @ts-check
/** "2 h ago" instead of a date; the date stays as the title. */
import { lang } from "./page.js";

/** Each unit with its length in seconds and how many of the unit are still said in it. @type {[Intl.RelativeTimeFormatUnit, number, number][]} */
const UNITS = [["second", 1, 45], ["minute", 60, 60], ["hour", 3600, 24], ["day", 86_400, 30]];
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto", style: "narrow" });
const plain = new Intl.DateTimeFormat(lang, { dateStyle: "medium" });

/** @param {Date} then @param {number} now milliseconds */
function words(then, now) {
  const age = Math.max(0, (now - then.getTime()) / 1000);
  for (const [unit, length, most] of UNITS) {
    const count = Math.floor(age / length);
    if (count < most) return relative.format(unit === "second" ? 0 : -count, unit);
  }
  return plain.format(then);
}

/** @param {ParentNode} root */
function draw(root) {
  const now = Date.now();
  for (const time of root.querySelectorAll("time[datetime]:not([data-keep])")) {
    const then = new Date(time.getAttribute("datetime") ?? "");
    if (Number.isNaN(then.getTime())) continue;
    if (!time.hasAttribute("title")) time.setAttribute("title", time.textContent ?? "");
    const said = words(then, now);
    if (time.textContent !== said) time.textContent = said;
  }
}

/** Keeps the times of this page current. */
export function bindTimes() {
  draw(document);
  document.addEventListener("aftershow:drawn", (event) => draw(/** @type {CustomEvent} */ (event).detail));
  setInterval(() => { if (!document.hidden) draw(document); }, 60_000);
}
