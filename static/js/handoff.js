// @ts-check
/**
 * The last page of a window that was opened to sign in: gives its code to the frame that waits for it, and closes when
 * that has it. Where nobody waits (the way back was cut), the code to paste is shown.
 */

const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-handoff-code]"));
/** So long a frame may take before the code is shown, in milliseconds. */
const PATIENCE = 4000;

/** @param {boolean} shown */
function paste(shown) {
  for (const part of document.querySelectorAll("[data-handoff-paste]")) part.toggleAttribute("hidden", !shown);
}

function bindCopy() {
  const copy = /** @type {HTMLElement | null} */ (document.querySelector("[data-handoff-copy]"));
  const code = document.querySelector("[data-handoff-short]")?.textContent?.trim();
  if (!copy || !code || !navigator.clipboard) return;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code);
    const done = document.querySelector("[data-handoff-copied]");
    if (done) done.textContent = "✓";
  });
}

if (page) {
  const { opener } = window;
  bindCopy();
  paste(!opener);
  if (opener) {
    window.addEventListener("message", (event) => {
      if (event.source === opener && event.origin === location.origin && event.data?.type === "aftershow:handoff-done") window.close();
    });
    opener.postMessage({ type: "aftershow:handoff", code: page.dataset.handoffCode }, location.origin);
    setTimeout(() => paste(true), PATIENCE);
  }
}
