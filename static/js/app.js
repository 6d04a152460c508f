// Small helps; every page works without them.
//   .error-summary            takes the focus when it appears; its links put the focus into the field
//   form[data-once]           its buttons cannot be pressed twice; they come back with the Back button
//   [data-only-for="x a b"]   its question is asked only while the field x says a or b; else it is hidden and not sent
//   .bar-toggle, .menu        the places on a phone; the account menu closes on Escape or a click elsewhere
//   signing out               takes what was typed and not saved out of the browser (see draft.js)
// Choosing a person is in picker.js.
"use strict";
(() => {
  const on = (type, act, where = document) => where.addEventListener(type, act);
  const each = (root, selector, act) => root.querySelectorAll(selector).forEach(act);
  const FIELDS = "input:not([type=hidden]), select, textarea, button";

  function focusLinked(event) {
    const link = event.target.closest(".error-summary a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    const field = target.matches(FIELDS) ? target : target.querySelector(FIELDS);
    target.scrollIntoView({ block: "center" });
    if (field) field.focus({ preventScroll: true });
  }

  // The button that was pressed must still be sent: so it is disabled only after the form's data are gathered.
  const lock = (form, off) => each(form, "button:not([type=button]), input[type=submit]", (button) => {
    if (off && button.disabled) return;
    if (off) button.dataset.locked = "1";
    if (off || button.dataset.locked) button.disabled = off;
    if (!off) delete button.dataset.locked;
  });

  function ask(field) {
    const [name, ...answers] = field.dataset.onlyFor.split(" ");
    const told = field.form.querySelector(`[name="${name}"]:checked, select[name="${name}"]`)?.value;
    field.disabled = !answers.includes(told);
    field.closest("[id^='div_id_']").hidden = field.disabled;
  }

  const begin = (root) => root.querySelector(".error-summary")?.focus();

  on("click", (event) => {
    focusLinked(event);
    each(document, ".menu[open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const toggle = event.target.closest(".bar-toggle");
    if (!toggle) return;
    const open = document.getElementById("places").classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
  });
  on("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  on("change", () => each(document, "[data-only-for]", ask));
  function forgetDrafts() {
    try {
      Object.keys(localStorage).filter((key) => key.startsWith("conduct-draft:")).forEach((key) => localStorage.removeItem(key));
    } catch { /* no storage here */ }
  }
  on("submit", (event) => {
    const form = event.target;
    if (new URL(form.action).pathname.endsWith("/logout/")) forgetDrafts();
    if (form.matches("[data-once]")) setTimeout(() => { if (!event.defaultPrevented) lock(form, true); });
  });
  on("pageshow", () => {
    each(document, "form[data-once]", (form) => lock(form, false));
    each(document, "[data-only-for]", ask);
  }, window);
  on("htmx:afterSwap", (event) => begin(event.target));
  each(document, "[data-only-for]", ask);
  begin(document);
})();
