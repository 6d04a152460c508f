// What is typed is not lost: kept on the server as a draft while it is typed, and in this browser until the server has it.
//   form[data-keep data-user]   is kept at that address; its `token` names the draft, `at_school` the school
//   [data-draft-line]                 says that it is kept, and where
//   [data-held]                 says why the form is not sent yet, or cannot be
//   [data-found-here]           says that something typed earlier was found in this browser
//   form[data-forget]           throws that draft away, here too
// Signing out (app.js) takes everything of it out of the browser. The server alone fills in a form: what is found here is
// sent to it first.
"use strict";
(() => {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const PREFIX = `conduct-draft:${form.dataset.user}:`;
  const PAUSE = 1200; // ms after the last key
  const AGAIN = 4000; // ms until the network is tried again
  const OLD = 3 * 24 * 3600 * 1000;
  const field = (name) => form.elements.namedItem(name);
  const token = field("token").value;
  const here = `${location.pathname}?draft=${token}`;
  const kept = document.querySelector("[data-draft-line]");
  const held = document.querySelector("[data-held]");
  let version = 0, timer, flying, waiting = null, going = false, busy = false;

  // -- in this browser

  const stored = () => { try { return Object.keys(localStorage); } catch { return []; } };
  const forget = (key) => { try { localStorage.removeItem(key); } catch { /* no storage here */ } };
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  function remember() {
    const pairs = [...answers()].filter(([name]) => name !== "csrfmiddlewaretoken");
    try { localStorage.setItem(PREFIX + token, JSON.stringify({ at: Date.now(), pairs })); } catch { /* full, or none */ }
  }

  // -- to the server

  const answers = () => [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const secret = () => document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] || field("csrfmiddlewaretoken").value;
  const link = (url, words) => Object.assign(document.createElement("a"), { href: url, textContent: words });
  const say = (place, ...parts) => { place.replaceChildren(...parts); place.hidden = false; };
  const tell = (safe, ...parts) => { kept.classList.toggle("kept-here", !safe); say(kept, ...parts); };

  async function post(pairs) { // what became of it: kept, saved, out (no session), lost (no network), refused
    const body = new URLSearchParams(pairs);
    body.set("csrfmiddlewaretoken", secret()); // signing in has changed it
    const small = body.toString().length < 60000;
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body, keepalive: small });
      if (answer.redirected || answer.status === 403) return { is: "out" };
      if (answer.status >= 500) return { is: "lost", answered: true };
      const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (!answer.ok) return { is: "refused", ...told };
      return { is: told.saved ? "saved" : "kept", at: told.kept };
    } catch {
      return { is: "lost" };
    }
  }

  async function keep() {
    clearTimeout(timer);
    while (flying) await flying; // one after the other: an older text never comes later
    const sent = version;
    flying = post(answers());
    const told = await flying;
    flying = null;
    if (told.is === "kept" || told.is === "saved") {
      if (sent === version) forget(PREFIX + token);
      if (told.at) history.replaceState(null, "", here); // reloaded, or come back to, the page shows it again
      tell(true, told.at ? `Saved as a draft ${told.at}` : "");
    } else if (told.is === "lost") {
      tell(false, told.answered ? "Conduct does not answer: kept in this browser" : "No network: kept in this browser");
      timer = setTimeout(again, AGAIN);
    } else if (told.is === "out") {
      tell(false, "You are signed out: kept in this browser. ", link(`/account/login/?next=${encodeURIComponent(here)}`, "Sign in again"));
    } else refused(told);
    return told.is;
  }

  function refused(told) {
    if (told.too_long) tell(false, "Too long for a draft: save it, and add the rest as an account");
    else if (told.somebody_else) tell(false, "Somebody else has signed in on this computer: kept in this browser for you alone");
    else tell(false, "You work at another school now: kept in this browser. Change back under your name at the top");
  }

  const again = () => (waiting ? send(waiting.button) : keep());

  function changed(event) {
    if (!event.target.name && event.target !== form) return;
    version += 1;
    remember();
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  }

  // -- sending the form: first the draft, so that what cannot be sent is not lost

  async function send(button) {
    if (busy) return;
    busy = true;
    const told = await keep();
    busy = false;
    if (told === "lost") {
      waiting = { button };
      say(held, "There is no network. Nothing is lost: leave this page open, and it is saved as soon as the network is back.");
      return;
    }
    waiting = null;
    held.hidden = true;
    if (told === "refused" && kept.textContent && !kept.textContent.startsWith("Too long")) return say(held, `Not saved. ${kept.textContent}.`);
    going = true;
    field("csrfmiddlewaretoken").value = secret();
    form.requestSubmit(button);
  }

  form.addEventListener("submit", (event) => {
    if (going) return;
    event.preventDefault();
    send(event.submitter);
  });
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("conduct:added", () => { version += 1; });
  document.addEventListener("submit", (event) => { if (event.target.dataset.forget) forget(PREFIX + event.target.dataset.forget); });
  window.addEventListener("online", again);
  window.addEventListener("pageshow", () => { going = busy = false; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && read(PREFIX + token) && !flying) keep();
  });

  // -- found here: typed before, and not on the server

  async function bring(key) {
    const copy = read(key);
    if (!copy || Date.now() - copy.at > OLD) return forget(key);
    const pairs = new Map(copy.pairs);
    if ((pairs.get("at_school") || "") !== (field("at_school")?.value || "")) return null;
    const told = await post(copy.pairs);
    if (told.is !== "kept" && told.is !== "saved") return null;
    forget(key);
    return told.is === "kept" ? key.slice(PREFIX.length) : null;
  }

  async function begin() {
    stored().filter((key) => key.startsWith("conduct-draft:") && !(Date.now() - read(key)?.at < OLD)).forEach(forget);
    const wanted = new URLSearchParams(location.search).get("draft");
    const found = [];
    for (const key of stored().filter((each) => each.startsWith(PREFIX))) found.push(await bring(key));
    const brought = found.filter(Boolean);
    if (version) return; // somebody is typing already: what was found waits among the drafts
    if (brought.includes(wanted)) location.replace(`${location.pathname}?draft=${wanted}`);
    else if (brought.length) {
      const place = document.querySelector("[data-found-here]");
      const links = brought.flatMap((each) => [" ", link(`${location.pathname}?draft=${each}`, "Go on with it")]);
      say(place, "What you typed here before is kept as a draft.", ...links);
    }
  }
  begin();
})();
