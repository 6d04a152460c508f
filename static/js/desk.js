// The desk: who is there, and the list to print. Every page works without it.
//   button[data-print]       prints the page
//   [data-print-now]         a page that is there to be printed: the printer's window opens by itself
//   #desk-q, #gate-result    while an answer is on its way the old one is paled; when none comes, it is taken away
"use strict";
(() => {
  const on = (type, act, where = document) => where.addEventListener(type, act);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const found = document.getElementById("gate-result");
  const trouble = document.getElementById("gate-trouble");
  const box = document.getElementById("desk-q");
  const asks = (event) => Boolean(found) && event.detail.elt === box;
  let answered = box?.value;
  let asked = answered;

  on("click", (event) => { if (event.target.closest("button[data-print]")) window.print(); });
  if (document.querySelector("[data-print-now]")) on("load", () => window.print(), window);

  // What stands on the screen is about what was typed before: nobody may take it for the answer.
  box?.addEventListener("input", () => found.classList.toggle("is-old", box.value !== answered));
  on("htmx:beforeRequest", (event) => {
    if (!asks(event)) return;
    asked = box.value;
    trouble.hidden = true;
  });
  on("htmx:afterSwap", (event) => {
    if (event.target !== found) return;
    answered = asked;
    found.classList.toggle("is-old", box.value !== answered);
  });
  for (const failed of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    on(failed, (event) => {
      if (!asks(event)) return;
      found.replaceChildren();
      found.classList.remove("is-old");
      answered = null;
      trouble.hidden = false;
    });
  }

  // The session has ended: the answer would be the sign-in page. Go there as a whole, with what was typed.
  on("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (!xhr.responseURL || new URL(xhr.responseURL).pathname === new URL(requestConfig.path, location.href).pathname) return;
    event.detail.shouldSwap = false;
    if (event.target === found) location.assign(`${location.pathname}?${new URLSearchParams({ q: box.value })}`);
    else location.reload();
  });
  all("button[data-print]").forEach((element) => { element.hidden = false; });
})();
