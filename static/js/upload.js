// Files given by choosing, dropping or pasting; each goes in a request of its own. Without script they go with the form.
//   [data-upload]            the box: where files go; data-limits says what may and how large, data-token with which draft
//   [data-zone]              what lights up while files are held over it; they may be dropped anywhere on the page
//   [data-queue] [data-kept] the lists of files on their way and of those kept; data-kept-in names another list for the latter
//   [data-said]              says aloud how it stands
//   [data-remove]            takes a kept file away again
//   [data-with-script]       is shown, [data-without-script] hidden, by this script
// A form around it is sent once nothing is on its way any more.
"use strict";
(() => {
  const MB = 1024 * 1024;
  const SOMEWHERE_ELSE = "You have been signed out, or work at another school in another tab. Put that right there, then try again here.";
  const on = (type, act, where = document) => where.addEventListener(type, act);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const box = document.querySelector("[data-upload]");
  if (!box) return;
  const input = box.querySelector("input[type=file]");
  const form = box.closest("form");
  const queue = box.querySelector("[data-queue]");
  const said = box.querySelector("[data-said]");
  const kept = document.getElementById(box.dataset.keptIn) || box.querySelector("[data-kept]");
  const limits = JSON.parse(box.dataset.limits);
  const waiting = [];
  let under = null; // the file on its way
  let count = 0; // kept since the page was opened
  let failed = 0; // neither kept nor removed
  let held = null; // the button that was pressed while files were on their way

  const size = (bytes) => (bytes < MB ? `${Math.ceil(bytes / 1024)} KB` : `${Math.ceil(bytes / MB)} MB`);
  const files = (number) => (number === 1 ? "1 file" : `${number} files`);

  function make(tag, name, text) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  }

  function button(words, about, act) {
    const made = make("button", "btn btn-link", words);
    made.type = "button";
    made.append(make("span", "visually-hidden", ` ${about}`));
    made.addEventListener("click", act);
    return made;
  }

  // -- one file

  function row(file) {
    const item = { file, li: make("li", "file"), words: make("div", "file-words"), state: make("p", "aside") };
    item.bar = document.createElement("progress");
    item.bar.max = 100;
    item.bar.value = 0;
    item.bar.setAttribute("aria-label", `${file.name}: sent`);
    item.progress = make("div", "progress-words");
    item.progress.append(item.bar);
    item.words.append(make("p", "file-name", file.name), item.state, item.progress);
    item.buttons = make("div", "file-do");
    item.li.append(item.words, item.buttons);
    queue.append(item.li);
    queue.hidden = false;
    return item;
  }

  function wrongBeforehand(file) {
    const ending = (file.name.match(/\.[^.]+$/) || [""])[0].toLowerCase();
    const limit = limits[ending];
    if (limit && file.size > limit[1]) return `“${file.name}” has ${size(file.size)}: ${limit[0]} may have ${size(limit[1])} at most.`;
    return file.size ? "" : `“${file.name}” is empty, or a folder.`;
  }

  function take(list) {
    for (const file of list) {
      const item = row(file);
      const wrong = wrongBeforehand(file);
      if (wrong) refuse(item, wrong);
      else wait(item);
    }
    next();
  }

  function wait(item) {
    item.state.className = "aside";
    item.state.textContent = `${size(item.file.size)} · waiting`;
    item.progress.hidden = false;
    item.buttons.replaceChildren(button("Cancel", item.file.name, () => cancel(item)));
    waiting.push(item);
  }

  function cancel(item) {
    if (under === item) item.request.abort();
    else {
      waiting.splice(waiting.indexOf(item), 1);
      remove(item);
    }
  }

  function remove(item) {
    const following = item.li.nextElementSibling || item.li.previousElementSibling;
    item.li.remove();
    queue.hidden = !queue.children.length;
    (following?.querySelector("button") || input).focus();
    tell();
  }

  function refuse(item, words, again = false) {
    failed += 1;
    item.progress.hidden = true;
    item.state.className = "file-wrong";
    item.state.replaceChildren(make("strong", "", "Not kept."), ` ${words}`);
    const away = button("Remove from this list", item.file.name, () => { failed -= 1; remove(item); });
    const retry = button("Try again", item.file.name, () => { failed -= 1; wait(item); next(); });
    item.buttons.replaceChildren(...(again ? [retry, away] : [away]));
  }

  // -- sending

  function next() {
    if (!under && waiting.length) send(waiting.shift());
    tell();
    if (!under) release();
  }

  function begun() { // what every form of the program sends along
    const data = new FormData();
    for (const name of ["csrfmiddlewaretoken", "at_school"]) {
      const field = form?.elements.namedItem(name);
      if (field) data.append(name, field.value);
    }
    return data;
  }

  function send(item) {
    under = item;
    const request = new XMLHttpRequest();
    const data = begun();
    if (box.dataset.token) data.append("token", box.dataset.token);
    data.append("files", item.file, item.file.name);
    item.request = request;
    item.state.textContent = `${size(item.file.size)} · being sent`;
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) show(item, event.loaded / event.total); });
    request.addEventListener("load", () => finish(item, request));
    request.addEventListener("error", () => finish(item, null));
    request.addEventListener("abort", () => { under = null; remove(item); next(); });
    request.open("POST", box.dataset.upload);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.send(data);
  }

  function show(item, share) {
    item.bar.value = Math.round(share * 100);
    const words = share < 1 ? `${item.bar.value} % of ${size(item.file.size)} sent` : "sent; being checked";
    if (item.state.textContent !== words) item.state.textContent = words;
  }

  function answerOf(request) {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return null;
    }
  }

  function finish(item, request) {
    under = null;
    const answer = request && answerOf(request);
    const away = request && new URL(request.responseURL).pathname !== new URL(box.dataset.upload, location.href).pathname;
    if (request?.status === 201 && answer?.item) keep(item, answer);
    else if (answer?.wrong) refuse(item, answer.wrong);
    else if (!request) refuse(item, "It could not be sent: there is no network. It is not lost while this page is open.", true);
    else if (away || request.status === 409) refuse(item, SOMEWHERE_ELSE, true);
    else if (request.status === 413) refuse(item, "It is larger than may be sent.");
    else refuse(item, `It could not be taken (${request.status}). Try again.`, true);
    next();
  }

  function keep(item, answer) {
    count += 1;
    item.li.remove();
    queue.hidden = !queue.children.length;
    kept.insertAdjacentHTML("beforeend", answer.item);
    kept.hidden = false;
    all("[data-none]").forEach((element) => { element.hidden = true; });
    reveal(kept.lastElementChild);
    if (window.htmx) window.htmx.process(kept.lastElementChild);
  }

  function tell() {
    const left = waiting.length + (under ? 1 : 0);
    const words = [];
    if (left) words.push(`${files(left)} on the way.`);
    if (count) words.push(`${files(count)} kept.`);
    if (failed) words.push(`${files(failed)} not kept: see why below.`);
    const text = words.join(" ");
    if (said.textContent !== text) said.textContent = text;
  }

  // -- the form around it waits

  function release() {
    const pressed = held;
    held = null;
    if (!pressed) return;
    if (failed) said.textContent = `${files(failed)} not kept: see why below. Press the button again to go on without.`;
    else form.requestSubmit(pressed.matches?.("button, input") ? pressed : undefined);
  }

  if (form) {
    form.addEventListener("submit", (event) => {
      if (!under && !waiting.length) return;
      event.preventDefault();
      held = event.submitter || form;
      said.textContent = `It is saved as soon as ${files(waiting.length + 1)} on the way ${waiting.length ? "are" : "is"} kept.`;
    });
  }
  on("beforeunload", (event) => { if (under || waiting.length) event.preventDefault(); }, window);

  // -- choosing, dropping, pasting

  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });

  const zone = box.querySelector("[data-zone]");
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  on("dragenter", (event) => { if (carries(event)) { depth += 1; zone.dataset.over = ""; } });
  on("dragleave", (event) => { if (carries(event) && (depth -= 1) <= 0) delete zone.dataset.over; });
  on("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  on("drop", (event) => { // dropped beside the box it would open, and what was typed be gone
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    delete zone.dataset.over;
    take([...event.dataTransfer.files]);
  });
  on("paste", (event) => {
    const data = event.clipboardData;
    const typing = event.target.closest?.("textarea, input:not([type=file])");
    if (!data?.files.length || (typing && data.types.includes("text/plain"))) return;
    event.preventDefault();
    take([...data.files].map(named));
  });

  function named(file) { // the clipboard calls every picture image.png
    if (file.name && !/^image\.\w+$/.test(file.name)) return file;
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    const ending = file.type.split("/")[1].replace("jpeg", "jpg");
    return new File([file], `Pasted ${day} at ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}.${ending}`, { type: file.type });
  }

  // -- what is kept already

  on("click", (event) => {
    const pressed = event.target.closest("[data-remove]");
    if (pressed) takeAway(pressed);
  });

  async function takeAway(pressed) {
    pressed.disabled = true;
    const answer = await fetch(pressed.dataset.remove, { method: "POST", body: begun(), redirect: "manual" }).catch(() => null);
    pressed.disabled = false;
    if (!answer || answer.status !== 204) {
      said.textContent = "It could not be removed. Try again.";
      return;
    }
    pressed.closest("[data-file]").remove();
    kept.hidden = !kept.children.length;
    said.textContent = "Removed.";
    input.focus();
  }

  function reveal(root) {
    all("[data-with-script], [data-remove]", root).forEach((element) => { element.hidden = false; });
    all("[data-without-script]", root).forEach((element) => { element.hidden = true; });
  }

  reveal(document);
})();
