// The check of an account's wording, while it is typed. Beside it a form may have a button that checks without script.
//   [data-wording="narrative" data-url data-about data-clauses]   says what should be looked at again in that field; the answer is a piece of page
"use strict";
(() => {
  const PAUSE = 800; // ms after the last key
  const all = (selector, root) => [...root.querySelectorAll(selector)];

  function watch(place) {
    const form = place.closest("form");
    const field = form.elements.namedItem(place.dataset.wording);
    let timer, asked;

    async function check() {
      if (asked) asked.abort();
      asked = new AbortController();
      const body = new URLSearchParams({ text: field.value, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
      const ticked = all("[name=clauses]:checked", form).map((box) => box.value);
      const people = all("input[type=hidden][name$=person]", form).map((input) => input.value);
      [...ticked, ...place.dataset.clauses.split(" ")].filter(Boolean).forEach((clause) => body.append("clauses", clause));
      [...people, place.dataset.about].filter(Boolean).forEach((person) => body.append("about", person));
      try {
        const answer = await fetch(place.dataset.url, { method: "POST", body, signal: asked.signal });
        if (!answer.ok || answer.redirected) return; // signed out, say: what is there may stay
        const said = (await answer.text()).trim();
        if (said !== place.innerHTML.trim()) place.innerHTML = said;
      } catch { /* no network: no advice */ }
    }
    const soon = () => { clearTimeout(timer); timer = setTimeout(check, PAUSE); };
    form.addEventListener("input", (event) => { if (event.target === field) soon(); });
    form.addEventListener("change", (event) => { if (field.value && event.target.matches("[name=clauses], [name$=person]")) soon(); });
  }

  all("[data-wording]", document).forEach(watch);
})();
