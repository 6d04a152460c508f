// Choosing a person: makes a combobox of <input data-picker data-url="/people/pick/" data-target="person">.
//   data-url      answers ?q=… with components/picker_options.html
//   data-target   the name of the hidden input of the same form that takes the chosen value ("change" is sent from it)
//   data-picked   the name already chosen, or nothing
// Down and up move, Enter picks, Escape closes; the chosen name stands in the box's place with "Change" beside it.
// Without script, or without a network, the typed words are sent with the form under the input's own name.
"use strict";
(() => {
  const made = (tag, props) => Object.assign(document.createElement(tag), props);
  const on = (type, act, where) => where.addEventListener(type, act);

  function picker(input) {
    if (input.dataset.ready) return;
    input.dataset.ready = "1";
    const hidden = input.form.elements.namedItem(input.dataset.target);
    const list = made("div", { id: `${input.id}_list`, className: "picker-list", hidden: true });
    const count = made("span", { className: "visually-hidden" });
    const picked = made("div", { className: "picked", hidden: true });
    const name = made("strong");
    const change = made("button", { type: "button", className: "btn btn-link", textContent: "Change" });
    let timer, asked, active;

    const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
    const show = (open) => {
      list.hidden = !open;
      input.setAttribute("aria-expanded", String(open));
      if (!open) activate(null);
    };
    function activate(option) {
      if (active) active.setAttribute("aria-selected", "false");
      active = option;
      if (!option) return input.removeAttribute("aria-activedescendant");
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      return input.setAttribute("aria-activedescendant", option.id);
    }
    function set(value, words) {
      const chosen = Boolean(value);
      hidden.value = value;
      name.textContent = words;
      change.setAttribute("aria-label", `Change: ${words}`);
      picked.hidden = !chosen;
      input.hidden = chosen;
      show(false);
    }
    function pick(option) {
      clearTimeout(timer);
      if (asked) asked.abort();
      set(option.dataset.value, option.dataset.name);
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
      change.focus();
    }
    async function ask() {
      if (asked) asked.abort();
      const question = input.value.trim();
      if (!question) return show(false);
      asked = new AbortController();
      try {
        const url = `${input.dataset.url}?${new URLSearchParams({ q: question })}`;
        const answer = await fetch(url, { signal: asked.signal, headers: { "HX-Request": "true" } });
        const lost = !answer.ok || answer.redirected; // redirected: the session has ended
        list.innerHTML = lost ? "" : await answer.text();
        options().forEach((option, n) => { option.id = `${list.id}_${n}`; });
        count.textContent = lost ? "The list cannot be reached. What you typed is kept." : `${options().length} to choose from`;
        show(!lost && list.childElementCount > 0 && document.activeElement === input); // not over what is next
      } catch (error) {
        if (error.name !== "AbortError") show(false); // no network: the typed words are still sent with the form
      }
    }
    function key(event) {
      const all = options();
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && !list.hidden && all.length) {
        const next = active ? all.indexOf(active) + step : step > 0 ? 0 : all.length - 1;
        activate(all[(next + all.length) % all.length]);
      } else if (event.key === "Enter" && active) pick(active);
      else if (event.key === "Escape" && !list.hidden) show(false);
      else return;
      event.preventDefault();
    }

    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels[0]?.textContent.trim() || "People");
    count.setAttribute("role", "status");
    for (const [attribute, value] of Object.entries({
      role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
    })) input.setAttribute(attribute, value);
    picked.append(name, change);
    input.after(list, count, picked);
    on("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); }, input);
    on("keydown", key, input);
    on("blur", () => show(false), input);
    on("mousedown", (event) => event.preventDefault(), list); // keeps the focus in the box until the click arrives
    on("click", (event) => { const option = event.target.closest("[data-value]"); if (option) pick(option); }, list);
    const who = input.closest("[data-who]"); // whoever is offered beside the fields for somebody new can be picked too
    if (who) on("click", (event) => { const offered = event.target.closest("[data-pick]"); if (offered) pick(offered); }, who);
    on("click", () => {
      set("", "");
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
      input.select();
    }, change);
    if (hidden.value && input.dataset.picked) set(hidden.value, input.dataset.picked);
  }

  const begin = (root) => root.querySelectorAll("input[data-picker]").forEach(picker);
  on("htmx:afterSwap", (event) => begin(event.target), document);
  on("conduct:added", (event) => begin(event.target), document);
  begin(document);
})();
