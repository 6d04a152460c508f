// The rehearsal page; it works without.
//   a[data-line]         puts the cursor on that line of the story, selected
//   form[data-rehearsal] says in [data-playing] that the story is being played
"use strict";
(() => {
  const box = document.getElementById("id_text");
  const playing = document.querySelector("[data-playing]");

  function show(line) {
    const lines = box.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    box.focus({ preventScroll: true });
    box.setSelectionRange(start, start + (lines[line - 1] || "").length);
    const height = parseFloat(getComputedStyle(box).lineHeight);
    box.scrollTop = Math.max(0, (line - 4) * height);
    box.scrollLeft = 0;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    box.scrollIntoView({ block: "center", behavior: "instant" });
    show(Number(link.dataset.line));
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-rehearsal]")) playing.textContent = "Playing the story. This takes some seconds, a long story up to a minute.";
  });
  window.addEventListener("pageshow", () => { playing.textContent = ""; });
})();
