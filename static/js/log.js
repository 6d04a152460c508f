// Logging an incident. The page works without it.
//   [data-filter]            a box that shows only those clauses of its fieldset whose words hold what is typed
//   [data-usual]             says how serious the ticked clauses usually are (from data-severity)
//   details[data-for]        opens when the picker's hidden input takes this value, and closes when it takes another
//   [data-online]            is there while a clause about what is said online is ticked (data-is-online)
"use strict";
(() => {
  const on = (type, act, where = document) => where.addEventListener(type, act);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const ORDER = ["minor", "serious", "criminal"];
  const WORDS = { minor: "minor", serious: "serious", criminal: "possibly criminal" };

  function filter(box) {
    const set = box.closest("fieldset");
    const wanted = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const found = all("[data-clause]", set).filter((item) => {
      const match = wanted.every((word) => item.dataset.clause.toLowerCase().includes(word));
      item.hidden = !match && !item.querySelector("input").checked;
      return match;
    });
    all("[data-clauses]", set).forEach((group) => { group.hidden = !group.querySelector("[data-clause]:not([hidden])"); });
    const count = set.querySelector("[data-found]");
    count.textContent = wanted.length ? `${found.length} found. What is ticked stays in sight.` : "";
  }

  function usual(line) {
    const ticked = all("[data-severity]:checked", line.closest("form")).map((box) => box.dataset.severity);
    const worst = ORDER.filter((severity) => ticked.includes(severity)).pop();
    line.textContent = worst ? `Usually ${WORDS[worst]}.` : "";
  }

  function online(question) {
    question.hidden = !question.closest("form").querySelector("[data-is-online]:checked");
  }

  function reveal(hidden) {
    all("details[data-for]").forEach((details) => {
      details.open = details.dataset.for === hidden.value;
      if (!details.open) return;
      const field = details.querySelector("input, textarea");
      carry(details);
      setTimeout(() => field.focus());
    });
  }

  function carry(details) { // a name typed in the box is not typed again
    const field = details.querySelector("input, textarea");
    const typed = document.querySelector("input[data-picker]").value.trim();
    const picked = document.querySelector("input[name=person]").value;
    if (details.dataset.for === "new" && (!picked || picked === "new") && !field.value && !/[\d@]/.test(typed)) field.value = typed;
  }

  on("input", (event) => { if (event.target.matches("[data-filter]")) filter(event.target); });
  on("keydown", (event) => { // Enter in the filter would send the whole form
    if (event.key === "Enter" && event.target.matches("[data-filter]")) event.preventDefault();
  });
  on("change", (event) => {
    if (event.target.name === "person") reveal(event.target);
    if (event.target.matches("[data-severity]")) all("[data-usual]").forEach(usual);
    if (event.target.matches("[data-severity]")) all("[data-online]").forEach(online);
  });
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details") || !event.target.open) return;
    event.target.querySelector("[data-filter]")?.focus();
    if (event.target.matches("[data-for]")) carry(event.target);
  }, true);
  all("[data-filter-line]").forEach((element) => { element.hidden = false; });
  all("[data-usual]").forEach(usual);
  all("[data-online]").forEach(online);
})();
