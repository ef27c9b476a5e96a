/**
 * The request page, live: its state as it changes, the time that is left, and forms that keep their place. With the
 * payee's token, which stands in the fragment of their own link, it is the payee's page.
 */

import { dress, fill, send, texts } from "./page.js";

const POLL_MILLISECONDS = 10_000;
const main = () => document.getElementById("main");
const session = main().dataset.session;
const KEY = `payee of ${session}`;

let token = takeToken();
let endsAt = 0;
let waiting = false;

arrive();
watch();
setInterval(countDown, 1000);
addEventListener("hashchange", () => {
  token = takeToken();
  arrive();
});

/** Out of the address bar, which is what people copy when they send a page on; kept while the tab is. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("payee");
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEY);
}

/** After the first load, and after every part that was put in. */
function arrive() {
  document.documentElement.classList.toggle("payee", Boolean(token));
  endsAt = performance.now() + Number(document.getElementById("standing").dataset.seconds) * 1000;
  countDown();
}

document.addEventListener("click", ({ target }) => {
  if (target.id !== "forget") return;
  sessionStorage.removeItem(KEY);
  token = null;
  arrive();
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    // As a form of fields; it says the same again when it is sent again, and is then recorded once.
    const page = await send("POST", form.action, { body: new URLSearchParams(new FormData(form)), headers });
    put(main(), page.getElementById("main"));
    (document.getElementById("alert") ?? document.getElementById("said")).scrollIntoView({ block: "start" });
    document.getElementById("alert")?.focus();
  } catch {
    tell(form, texts.browser.no_answer);
    button.disabled = false;
  }
});

function tell(form, sentence) {
  const alert = form.querySelector(".alert") ?? document.createElement("p");
  alert.className = "alert";
  alert.setAttribute("role", "alert");
  alert.textContent = sentence;
  form.append(alert);
}

/** Every change as it comes, where the server pushes them; a look now and then where it does not. */
function watch() {
  const events = new EventSource(main().dataset.events);
  let polling = 0;
  events.onopen = () => clearInterval(polling);
  for (const name of ["message", "session"]) events.addEventListener(name, refresh);
  events.onerror = () => {
    clearInterval(polling);
    polling = setInterval(refresh, POLL_MILLISECONDS);
  };
}

async function refresh() {
  if (waiting || document.hidden) return;
  waiting = true;
  try {
    const page = await send("GET", location.pathname);
    const fresh = page.getElementById("main");
    if (fresh.dataset.open !== main().dataset.open && !isTypingIn(main())) put(main(), fresh);
    for (const part of main().querySelectorAll("[data-live]")) {
      if (!isTypingIn(part)) put(part, page.getElementById(part.id));
    }
  } catch {
    // The next look will tell.
  }
  waiting = false;
}

addEventListener("visibilitychange", () => document.hidden || refresh());

/** What somebody is filling in is not taken from under their hands. */
function isTypingIn(part) {
  return [...part.querySelectorAll("input, select")].some((field) => {
    const initial = field.options ? [...field.options].findIndex((each) => each.defaultSelected) : field.defaultValue;
    const now = field.options ? field.selectedIndex : field.value;
    return field === document.activeElement || (field.options ? now !== Math.max(initial, 0) : now !== initial);
  });
}

function put(old, fresh) {
  const open = [...old.querySelectorAll("details[open][id]")].map(({ id }) => id);
  if (old.outerHTML === fresh.outerHTML) return;
  old.replaceWith(document.adoptNode(fresh));
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  dress(fresh);
  arrive();
}

function countDown() {
  const place = document.getElementById("countdown");
  const seconds = Math.round((endsAt - performance.now()) / 1000);
  const isOver = main().dataset.open !== "true";
  if (seconds <= 0 && !isOver) refresh();
  place.replaceChildren(isOver ? "" : "· ", isOver ? "" : left(Math.max(seconds, 0)));
}

function left(seconds) {
  const [days, hours, minutes] = [seconds / 86400, (seconds % 86400) / 3600, (seconds % 3600) / 60].map(Math.floor);
  const words = { days, hours, minutes, seconds: seconds % 60 };
  const { browser } = texts;
  if (!seconds) return browser.over;
  return fill(days ? browser.days : hours ? browser.hours : browser.minutes, words);
}
