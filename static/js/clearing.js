// @ts-check
/**
 * Who has cleared what: the rules of `forum/spoilers/policy.py`, for what a reader has said in this browser. No page,
 * no storage, no clock: one file of cases holds for both. Whatever is not known stays covered.
 *
 * @typedef {{
 *   title: string, kind: string, franchise: string | null,
 *   units: [code: string, group: string | null, released: string | null, first: string | null][],
 *   branch: [code: string, released: string | null][],
 *   groups?: [code: string, complete: boolean][], relations?: [rel: string, other: string][],
 * }} Work
 * @typedef {Record<string, Work>} Works by id; `units` in the order of the chain
 * @typedef {{ s: string, u?: string }} Said "none", "at" with the code of a unit, or "dont_care"
 * @typedef {{
 *   progress: Record<string, Said>, ticks: Record<string, string[]>, rules: Record<string, string>, showAll: boolean,
 * }} Reader ticks by work; rules by "franchise/kind"
 * @typedef {{ days: number | null }} Expiry
 */

const DAY = 86_400_000;

/** What a map itself holds: works may have the names of what every object inherits. @template T @param {Record<string, T>} map @param {string} key */
const own = (map, key) => (Object.hasOwn(map, key) ? map[key] : undefined);

/** The tokens in an attribute. @param {string | null | undefined} text */
export const tokensIn = (text) => (text ?? "").split(/\s+/).filter(Boolean);

/** "jessica-jones:S1E13" in two: the code is "*" for an open end, "" for a film. @param {string} token @returns {[work: string, code: string]} */
export function parse(token) {
  const colon = token.indexOf(":");
  return colon < 0 ? [token, ""] : [token.slice(0, colon), token.slice(colon + 1)];
}

/**
 * What a reader said about a work, else about all works of its franchise and kind; undefined when nothing.
 * @param {string} id @param {Reader} reader @param {Works} works @returns {Said | undefined}
 */
export function saidOf(id, reader, works) {
  const said = own(reader.progress, id);
  if (said) return said;
  const work = own(works, id);
  return work?.franchise && own(reader.rules, `${work.franchise}/${work.kind}`) === "dont_care" ? { s: "dont_care" } : undefined;
}

/** @param {string | null | undefined} released @param {number} now @param {Expiry} expiry */
const expired = (released, now, expiry) => expiry.days !== null && !!released && Date.parse(released) + expiry.days * DAY <= now;

/**
 * Does a point give nothing away to a reader?
 * @param {string} token @param {Reader} reader @param {Works} works @param {number} now in milliseconds @param {Expiry} expiry
 */
export function cleared(token, reader, works, now, expiry) {
  if (reader.showAll) return true;
  const [id, code] = parse(token);
  const work = own(works, id);
  if (!work) return false;
  const place = work.units.findIndex((unit) => unit[0] === code);
  const branch = work.branch.find((unit) => unit[0] === code);
  if (code !== "*" && place < 0 && !branch) return false;
  const said = saidOf(id, reader, works);
  if (!said) return expired(place < 0 ? branch?.[1] : work.units[place][2], now, expiry);
  if (said.s === "dont_care") return true;
  if (said.s !== "at" || code === "*") return false;
  if (branch) return !!own(reader.ticks, id)?.includes(code);
  return work.units.findIndex((unit) => unit[0] === said.u) >= place;
}

/**
 * May a reader see what carries these points? Only when all of them are cleared; no points: always.
 * @param {string[]} tokens @param {Reader} reader @param {Works} works @param {number} now in milliseconds @param {Expiry} expiry
 */
export const shows = (tokens, reader, works, now, expiry) => tokens.every((token) => cleared(token, reader, works, now, expiry));
