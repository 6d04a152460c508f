// A list's filters: folded away on a phone, and those left empty are not put into the address.
"use strict";
(() => {
  const form = document.querySelector("[data-list]");
  if (!form) return;
  const toggle = form.querySelector(".list-toggle");
  const filters = document.getElementById("list-filters");
  toggle.addEventListener("click", () => {
    toggle.setAttribute("aria-expanded", String(filters.classList.toggle("open")));
  });
  const fields = form.querySelectorAll("input[name], select[name]");
  const leaveOut = (empty) => fields.forEach((field) => { field.disabled = empty && !field.value; });
  form.addEventListener("submit", () => leaveOut(true));
  window.addEventListener("pageshow", () => leaveOut(false));
})();
