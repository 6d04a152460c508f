// The desk: who is there, lists to print. Every page works without it.
//   button[data-print]       prints the page
"use strict";
(() => {
  const on = (type, act, where = document) => where.addEventListener(type, act);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  on("click", (event) => { if (event.target.closest("button[data-print]")) window.print(); });
  // The session has ended: the answer would be the sign-in page. Go there as a whole, not into the list.
  on("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (!xhr.responseURL || new URL(xhr.responseURL).pathname === new URL(requestConfig.path, location.href).pathname) return;
    event.detail.shouldSwap = false;
    location.reload();
  });
  all("button[data-print]").forEach((element) => { element.hidden = false; });
})();
