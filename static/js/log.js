// Logging an incident. The page works without it.
//   [data-clause-picker]     a box ([data-filter]) shows only those clauses whose words, group or number begin with what is
//                            typed; Enter ticks the first one found, the arrows go through them
//   [data-usual]             says how serious the ticked clauses usually are (from data-severity)
//   [data-who]               one person: details[data-for] opens when the picker takes its value, and takes over the typed words
//   [data-online]            is there while a clause about what is said online is ticked (data-is-online)
//   [data-another], [data-without]   ask about somebody else ([data-also-blank] is the empty question), and take them out
"use strict";
(() => {
  const on = (type, act, where = document) => where.addEventListener(type, act);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const ORDER = ["minor", "serious", "criminal"];
  const WORDS = { minor: "minor", serious: "serious", criminal: "possibly criminal" };
  const NOT_KNOWN = /^\s*(not known|unknown)\b[\s:,.–-]*/i;
  const MOST = 5;

  // -- clauses

  const begins = (item, word) => ` ${item.dataset.clause.toLowerCase()}`.includes(` ${word}`);
  const holds = (item, word) => item.dataset.clause.toLowerCase().includes(word);
  const shown = (set) => all("[data-clause]:not([hidden]) input", set).filter((box) => box.checkVisibility());

  function filter(box) {
    const set = box.closest("[data-clause-picker]");
    const wanted = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const items = all("[data-clause]", set);
    let found = items.filter((item) => wanted.every((word) => begins(item, word)));
    if (!found.length) found = items.filter((item) => wanted.every((word) => holds(item, word)));
    items.forEach((item) => {
      item.hidden = !found.includes(item) && !item.querySelector("input").checked;
      item.classList.toggle("first-found", wanted.length > 0 && item === found[0]);
    });
    all("[data-clauses]", set).forEach((group) => { group.hidden = !group.querySelector("[data-clause]:not([hidden])"); });
    const others = set.querySelector("[data-others]");
    others.open = Boolean(others.querySelector(wanted.length ? "[data-clause]:not([hidden])" : "input:checked"));
    set.classList.toggle("filtering", wanted.length > 0);
    return wanted.length ? found : [];
  }

  const words = (item) => item.querySelector("[data-words]").textContent;
  const say = (box, text) => { box.closest("[data-clause-picker]").querySelector("[data-found]").textContent = text; };

  function search(box) {
    const found = filter(box);
    if (!box.value.trim()) say(box, "");
    else if (!found.length) say(box, "None found. U36 is for conduct that no other names.");
    else say(box, `${found.length} found. Enter ticks “${words(found[0])}”.`);
  }

  function tickFirst(box) {
    const first = filter(box)[0];
    if (!first) return;
    const tick = first.querySelector("input");
    const already = tick.checked;
    tick.checked = true;
    tick.dispatchEvent(new Event("change", { bubbles: true }));
    box.value = "";
    filter(box);
    say(box, `${already ? "Ticked already" : "Ticked"}: ${words(first)}.`);
  }

  function step(event) { // through what is found, by the arrows
    const set = event.target.closest("[data-clause-picker]");
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const boxes = shown(set);
    const next = boxes.indexOf(event.target) + by;
    event.preventDefault();
    (next < 0 ? set.querySelector("[data-filter]") : boxes[next] || event.target).focus();
  }

  function usual(line) {
    const ticked = all("[data-severity]:checked", line.closest("fieldset")).map((box) => box.dataset.severity);
    const worst = ORDER.filter((severity) => ticked.includes(severity)).pop();
    line.textContent = worst ? `Usually ${WORDS[worst]}.` : "";
  }

  function online(question) {
    question.hidden = !question.closest("form").querySelector("[data-is-online]:checked");
  }

  // -- people

  function reveal(hidden) {
    const who = hidden.closest("[data-who]");
    settle(who);
    all("details[data-for]", who).forEach((details) => {
      details.open = details.dataset.for === hidden.value;
      if (!details.open) return;
      carry(details);
      setTimeout(() => details.querySelector("input, textarea").focus());
    });
  }

  function settle(who) { // somebody on the list is chosen: nobody is to be added or described
    const chosen = /^\d+$/.test(who.querySelector("input[type=hidden]").value);
    all("details[data-for]", who).forEach((details) => { details.hidden = chosen; });
  }

  function carry(details) { // what was typed in the box is not typed again
    const who = details.closest("[data-who]");
    const field = details.querySelector("input, textarea");
    const typed = who.querySelector("input[data-picker]").value.trim();
    const picked = who.querySelector("input[type=hidden]").value;
    const wanted = details.dataset.for;
    if (field.value || (picked && picked !== wanted)) return;
    if (wanted === "unknown") field.value = typed.replace(NOT_KNOWN, "");
    else if (!/[\d@]/.test(typed) && !NOT_KNOWN.test(typed)) field.value = typed;
  }

  function another(button) {
    const list = document.querySelector("[data-others-list]");
    const taken = all("[data-also]", list).map((each) => Number(each.dataset.also));
    const free = [1, 2, 3, 4, 5].find((number) => !taken.includes(number));
    const blank = document.querySelector("[data-also-blank]").innerHTML;
    const made = document.createElement("div");
    made.innerHTML = blank.replaceAll("also-0", `also-${free}`).replace('data-also="0"', `data-also="${free}"`).replace('value="0"', `value="${free}"`);
    const question = made.firstElementChild;
    list.append(question);
    button.hidden = taken.length + 1 >= MOST;
    begin(question);
    question.dispatchEvent(new CustomEvent("conduct:added", { bubbles: true }));
    question.querySelector("input[data-picker]").focus();
  }

  function without(button) {
    const form = button.form;
    button.closest("[data-also]").remove();
    const more = form.querySelector("[data-another]");
    more.hidden = false;
    more.focus();
    all("[data-online]", form).forEach(online);
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  on("click", (event) => {
    const button = event.target.closest("[data-another], [data-without]");
    if (!button) return;
    event.preventDefault();
    if (button.matches("[data-another]")) another(button);
    else without(button);
  });
  on("input", (event) => { if (event.target.matches("[data-filter]")) search(event.target); });
  on("keydown", (event) => {
    const arrow = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (event.target.matches("[data-filter]") && event.key === "Enter") {
      event.preventDefault(); // it would send the whole form
      tickFirst(event.target);
    } else if (arrow && event.target.matches("[data-filter], [data-clause] input")) step(event);
  });
  on("change", (event) => {
    if (event.target.matches("[data-who] > input[type=hidden]")) reveal(event.target);
    if (!event.target.matches("[data-severity]")) return;
    all("[data-usual]").forEach(usual);
    all("[data-online]").forEach(online);
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("[data-for]") && event.target.open) carry(event.target);
  }, true);

  function begin(root) {
    all("[data-filter-line]", root).forEach((element) => { element.hidden = false; });
    all("[data-usual]", root).forEach(usual);
    all("[data-online]", root).forEach(online);
    all("[data-who]", root).forEach(settle);
  }
  begin(document);
})();
