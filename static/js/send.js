// @ts-check
/** One way to talk to the API: JSON out, and an outcome that says in words what happened. Never throws. */
import { bearer, hasText, lang, text } from "./page.js";

/** How long an answer may take before the text is handed back to be tried again, in milliseconds. */
const PATIENCE = 20_000;

/**
 * @typedef {{ ok: true, data: any }} Done
 * @typedef {{ ok: false, status: number, message: string, fields: Record<string, string>, errors?: any[], code?: string }} Refused
 */

const offline = () => !navigator.onLine;

/** The field an error is about: its `loc` is a name or a path to one. @param {unknown} loc */
const fieldOf = (loc) => String((Array.isArray(loc) ? loc.at(-1) : loc) ?? "").split(/[./]/).at(-1) ?? "";

/** @param {Response} answer @returns {Promise<Refused>} */
async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  const { status } = answer;
  const detail = problem.detail || problem.title || text(status >= 500 ? "unreachable" : "failed");
  /** @type {Record<string, string>} */
  const fields = {};
  for (const { loc, code } of problem.errors ?? []) fields[fieldOf(loc)] ??= hasText(`error.${code}`) ? text(`error.${code}`) : detail;
  const wait = Number(answer.headers.get("Retry-After"));
  if (status === 429) return { ok: false, status, fields, message: text("limited", { seconds: wait > 0 ? wait : 60 }) };
  if (problem.code === "revision_conflict") return { ok: false, status, fields, message: text("conflict") };
  return { ok: false, status, fields, message: detail, errors: problem.errors, code: problem.code };
}

/**
 * @param {string} method @param {string} path @param {object | null} body @param {Record<string, string>} [headers]
 * @returns {Promise<Done | Refused>}
 */
export async function send(method, path, body, headers = {}) {
  if (offline()) return { ok: false, status: 0, message: text("offline"), fields: {} };
  try {
    const answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { ...(body && { "Content-Type": "application/json" }), Accept: "application/json", "Accept-Language": lang, ...bearer(), ...headers },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!answer.ok) return await refusal(answer);
    return { ok: true, data: await answer.json().catch(() => null) };
  } catch {
    return { ok: false, status: 0, message: text(offline() ? "offline" : "unreachable"), fields: {} };
  }
}

/** A key that makes a repeated request the same request. Also where `randomUUID` is missing (plain http). */
export const newKey = () =>
  crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
