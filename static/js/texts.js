// Beside each text of a letter a list of placeholders, and a button that puts the chosen one in where the cursor is.
"use strict";
(() => {
  const menu = document.getElementById("placeholders");
  const said = document.getElementById("put-in-said");
  if (!menu) return;
  document.querySelectorAll("textarea[data-placeholders]").forEach((field) => {
    const copy = menu.content.firstElementChild.cloneNode(true);
    const [label, list, button] = ["label", "select", "button"].map((each) => copy.querySelector(each));
    const name = document.querySelector(`label[for="${field.id}"]`)?.textContent.trim().replace(/\*$/, "") || "";
    list.id = `${field.id}_placeholder`;
    label.htmlFor = list.id;
    label.textContent = `A placeholder to put in: ${name}`;
    button.setAttribute("aria-label", `Put it in: ${name}`);
    button.addEventListener("click", () => {
      field.setRangeText(list.value, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
      said.textContent = `${list.value} is put in`;
    });
    field.after(copy);
  });
})();
