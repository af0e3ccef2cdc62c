// @ts-check
/** The folded part of the bar (other works, specials, rules for a whole kind, showing all), and what readers are asked. */
import { parse } from "./clearing.js";
import { learn, scopeOf } from "./covers.js";
import { isOut, row, updates, worksHere } from "./gate.js";
import { button, element, text } from "./page.js";
import { about, clears, list, reach, rules, setRule, setShowAll, setState, showsAll, stateOf, tick, ticksOf, works } from "./progress.js";

function check(words, isOn, set) {
  const input = element("input", { type: "checkbox" });
  input.addEventListener("change", () => set(input.checked));
  updates.push(() => { input.checked = isOn(); });
  return element("label", { class: "tick" }, input, element("span", { dir: "auto" }, words));
}

/** Specials and other units that only an explicit tick clears. */
const ticks = (id) => works[id].branch.map(([code]) =>
  check(text("alsoSeen", { label: `${works[id].title} ${code}` }), () => ticksOf(id).includes(code), (on) => tick(id, code, on)));

/** @param {HTMLElement} box @param {string | undefined} main the work that stands above already */
export function fillShelf(box, main) {
  const [rows, kinds] = [element("div"), element("div")];
  /** What is listed already: works, and rules for the kinds of them. */
  const listed = new Set([main]);
  const extend = async () => {
    const ids = worksHere();
    await learn(ids);
    const fresh = ids.filter((id) => works[id] && !listed.has(id) && listed.add(id));
    for (const id of fresh) rows.append(row(id), ...ticks(id));
    const kindsOf = [main, ...fresh].filter((id) => works[id]?.franchise).map((id) => `${works[id].franchise}/${works[id].kind}`);
    for (const rule of kindsOf) if (!listed.has(rule)) { listed.add(rule); kinds.append(kindOf(rule)); }
    if (fresh.length) for (const update of [...updates]) update();
  };
  box.append(...(main ? ticks(main) : []), rows, kinds, check(text("showAll"), showsAll, setShowAll));
  // What is asked about later, and what comes with more comments, is listed too.
  for (const type of ["aftershow:progress", "aftershow:covers"]) document.addEventListener(type, () => void extend());
  void extend();
  for (const update of [...updates]) update();
}

/** Whether a whole kind of a franchise gives nothing away. @param {string} rule */
const kindOf = (rule) => check(text(`mindNo.${rule.slice(rule.lastIndexOf("/") + 1)}`), () => rule in rules(), (on) => setRule(rule, on));

/** The last unit that is out. */
const last = (id) => works[id]?.units.filter(isOut).at(-1)?.[0];
/** What was asked in this tab is not asked again. */
const asked = list("asked");

/** Who has finished one work may have seen what goes with it: a question, for no work clears another. @param {string} id @param {HTMLElement} box */
export function suggest(id, box) {
  box.querySelector(".sp-ask")?.remove();
  const state = stateOf(id);
  if (state?.s !== "at" || state.u !== last(id)) return;
  for (const [, other] of works[id].relations) {
    if (last(other) === undefined || stateOf(other) || asked.has(`${id}>${other}`)) continue;
    asked.set(`${id}>${other}`);
    const done = () => { question.remove(); box.querySelector("button")?.focus(); };
    const question = element("p", { class: "sp-ask" }, text("markToo", { label: works[id].title, other: works[other].title }), " ",
      button(text("yes"), () => { setState(other, { s: "at", u: last(other) }); done(); }), button(text("no"), done));
    return box.append(question);
  }
}

/** After the first passage somebody uncovers by hand: have they come so far? @param {any} cover */
export async function askAfter(cover) {
  const token = scopeOf(cover).find((one) => !clears(one) && !one.endsWith(":*") && !asked.has(parse(one)[0]));
  const [id, u] = parse(token ?? "?:");
  await learn([id]);
  if (!token || !works[id]) return;
  asked.set(id);
  const done = () => { question.remove(); cover.querySelector("button").focus(); };
  const question = element("span", { class: "sp-extra sp-ask" }, text(u ? "seenUpTo" : "seenIt", { label: `${works[id].title} ${u}`.trim() }), " ",
    button(text("yesUpTo"), () => { reach(token); done(); }), button(text("justThis"), done));
  document.querySelector(".comment .sp-ask")?.remove();
  cover.append(question);
}
