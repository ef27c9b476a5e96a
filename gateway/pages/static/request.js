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
let [looking, again] = [false, false];

dressPerson();
setClock();
watch();
setInterval(countDown, 1000);
addEventListener("hashchange", () => {
  token = takeToken();
  dressPerson();
});

/**
 * Out of the address bar, which is what people copy when they send a page on; kept while the tab is. A link from anybody
 * takes the payee's own token from nobody: one that is there is replaced only by who looks at the page.
 */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("payee");
  const kept = sessionStorage.getItem(KEY);
  if (!given) return kept;
  history.replaceState(null, "", location.pathname);
  if (kept && kept !== given && !confirm(texts.browser.other_token)) return kept;
  sessionStorage.setItem(KEY, given);
  return given;
}

function dressPerson() {
  document.documentElement.classList.toggle("payee", Boolean(token));
}

/** Seconds are left by the server's clock, whatever ours says. */
function setClock() {
  endsAt = performance.now() + Number(document.getElementById("standing").dataset.seconds) * 1000;
  countDown();
}

document.addEventListener("click", ({ target }) => {
  if (target.id !== "forget") return;
  sessionStorage.removeItem(KEY);
  token = null;
  dressPerson();
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
  // The first event is the state that the page was made of.
  events.onmessage = ({ lastEventId }) => lastEventId === main().dataset.sequence || refresh();
  events.onerror = () => {
    clearInterval(polling);
    polling = setInterval(refresh, POLL_MILLISECONDS);
  };
}

/** One look at a time; what changed during one takes another. */
async function refresh() {
  if (document.hidden) return;
  again = true;
  if (looking) return;
  looking = true;
  while (again) {
    again = false;
    await look().catch(() => {}); // No answer: the next look will tell.
  }
  looking = false;
}

async function look() {
  const page = await send("GET", location.pathname);
  const before = standing();
  const fresh = page.getElementById("main");
  const isAnother = fresh.dataset.state !== main().dataset.state && !isTypingIn(main());
  const parts = isAnother ? [main()] : [...main().querySelectorAll("[data-live]")];
  for (const part of parts.filter((each) => !isTypingIn(each))) put(part, page.getElementById(part.id));
  if (parts.some((part) => part.isConnected && isTypingIn(part))) setTimeout(refresh, POLL_MILLISECONDS);
  // For who listens to the page rather than looks at it.
  if (standing() !== before) document.getElementById("news").textContent = standing();
}

function standing() {
  return document.querySelector(".state").textContent;
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
  if (fresh.contains(document.getElementById("standing"))) setClock();
}

function countDown() {
  const place = document.getElementById("countdown");
  const seconds = Math.round((endsAt - performance.now()) / 1000);
  const isOver = main().dataset.state === "closed";
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
