// @ts-check
/** Unfinished text survives a reload: kept in this browser while typing, gone once it is posted. */
import { session, store } from "./page.js";

/**
 * What is kept: the text, and the request it was last sent in, so that a retry after a lost answer repeats its key.
 * @typedef {{ body: string, key?: string, sent?: string }} Draft
 */

/** By the article, which has its address before it has a discussion. @param {HTMLFormElement} form */
function place(form) {
  return `aftershow.draft:${form.dataset.site}:${form.dataset.place}:${new FormData(form).get("parent_id") ?? ""}`;
}

/** @param {HTMLFormElement} form @returns {Draft | null} */
export function findDraft(form) {
  try {
    const kept = JSON.parse(store.get(place(form)) ?? "null");
    return kept && typeof kept.body === "string" ? kept : null;
  } catch {
    return null;
  }
}

/** @param {HTMLFormElement} form @param {Draft} draft */
export function keepDraft(form, draft) {
  if (draft.body.trim()) store.set(place(form), JSON.stringify(draft));
  else dropDraft(form);
}

/** @param {HTMLFormElement} form */
export const dropDraft = (form) => store.remove(place(form));

/** A page without a thread posts as a plain form: its draft goes when the page of one's own comments shows that it arrived. */
const SENT = "aftershow.sent";
/** @param {HTMLFormElement} form */
export const markSent = (form) => session.set(SENT, place(form));
export function dropSent() {
  const sent = session.get(SENT);
  if (!sent) return;
  store.remove(sent);
  session.remove(SENT);
}
