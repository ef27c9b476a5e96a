/**
 * The verify page: COMPACT texts are read and verified here, with the reader that anybody can use without us; what it does
 * not read (CLASSIC texts, and pictures where the browser has no reader of QR codes) goes to the server.
 */

import { read } from "../reader/index.js";
import { dress, fill, send, texts } from "./page.js";

const LOOK_MILLISECONDS = 200;
const form = document.getElementById("verify");
const [text, image, drop, camera, viewer, video] = ["text", "image", "drop", "camera", "viewer", "video"].map((id) =>
  document.getElementById(id),
);
const detector = "BarcodeDetector" in window ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
let looking = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  verify();
});
image.addEventListener("change", () => image.files.length && verify());
text.addEventListener("input", () => (image.value = ""));

async function verify() {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  const found = await here();
  if (found) show(found);
  else await ask();
  button.disabled = false;
}

/** What the reader finds; null for what it does not read. */
async function here() {
  const given = image.files.length ? await textIn(image.files[0]) : text.value;
  if (!given) return null;
  const found = await read(given);
  return found.message ? found : null;
}

async function textIn(picture) {
  try {
    const found = await detector.detect(await createImageBitmap(picture));
    return found.length === 1 ? found[0].rawValue : null;
  } catch {
    return null;
  }
}

async function ask() {
  const place = document.getElementById("result");
  try {
    const page = await send("POST", form.action, { body: new FormData(form) });
    const fresh = page.getElementById("result") ?? page.getElementById("alert");
    place.replaceChildren(...[...document.adoptNode(fresh).childNodes]);
    dress(place);
  } catch {
    place.replaceChildren(element("p", "alert", texts.verify.no_answer));
  }
  place.focus();
}

/** The verdict as the server would show it, made of text alone. A dossier is a whole conversation, message by message. */
function show(found) {
  const messages = found.dossier ?? [found];
  const isWhole = messages.length > 1;
  const failed = messages.some(({ checks }) => checks.some(({ outcome }) => outcome === "fail"));
  const word = { verified: failed ? "failed" : "verified", forged: "refuted", unverified: "open" }[found.verdict];
  const claims = !isWhole && found.message.claim ? ` ${texts.verdict.claim_hint}` : "";
  const headline = element("div", `verdict ${word}`, element("h2", "", texts.verdict[word]));
  headline.append(element("p", "", texts.verdict[`${word}_hint`], claims));
  const also = element("button", "second", texts.verify.also);
  also.addEventListener("click", () => {
    text.value = found.text;
    image.value = "";
    ask();
  });
  const result = document.getElementById("result");
  result.replaceChildren(headline, ...(isWhole ? [element("h2", "", texts.verify.conversation)] : []));
  result.append(...messages.map((each) => card(each, isWhole)), element("p", "hint", texts.verify.by_browser));
  result.append(also, element("p", "hint", texts.verify.also_hint));
  result.focus();
}

/** One message with its checks, which stand behind a click where there are several messages. */
function card({ message, checks }, isOneOfMany) {
  const kind = Object.keys(texts.kind).find((each) => message[each]);
  const said = element("p", "asks", statement(kind, message[kind]));
  if (kind === "claim" && isOneOfMany) said.prepend(element("span", "tag", texts.verify.claimed), " ");
  const found = isOneOfMany
    ? element("details", "", element("summary", "", texts.verify.checks), list(checks))
    : element("div", "", element("h3", "", texts.verify.checks), list(checks));
  return element("section", "card", said, rows(kind, message), found);
}

function statement(kind, said) {
  const who = nameOf(said.payee ?? said.payer);
  const amount = said.amount && `${said.amount.amount}\u00a0${said.amount.currency}`;
  return fill(texts.statement[kind], { who, amount });
}

function rows(kind, message) {
  const said = message[kind];
  const { fields } = texts;
  const found = [
    [fields.description, said.description],
    ...(said.methods ?? []).map(({ method }) => [fields.pay, method]),
    [fields.method, said.method ?? said.customMethod],
    [fields.evidence, said.evidence],
    [fields.reason, said.reason],
    [fields.open_until, said.expireTime && when(said.expireTime)],
    [fields.made, when(message.issueTime)],
    [fields.issuer, message.issuer],
  ];
  const given = found.filter(([, value]) => value);
  return element("dl", "rows", ...given.map(([name, value]) => {
    return element("div", "", element("dt", "", name), element("dd", "", element("bdi", "", value)));
  }));
}

function list(checks) {
  return element("ul", "checks", ...checks.map(({ name, outcome, detail }) => {
    const question = element("span", "question", texts.checks[name] ?? name);
    const answer = element("span", "outcome", texts.outcome[outcome]);
    return element("li", outcome, question, answer, element("span", "detail", detail));
  }));
}

function nameOf(party) {
  return party?.handle ?? party?.did ?? texts.somebody;
}

function when(time) {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** An element of ours with nodes and texts in it; a text is never read as HTML. */
function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (name === "button") made.type = "button";
  made.append(...children);
  return made;
}

for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name !== "drop" || !event.dataTransfer.files.length) return;
    image.files = event.dataTransfer.files;
    verify();
  });
}

camera.hidden = !(detector && navigator.mediaDevices);
camera.addEventListener("click", async () => {
  if (looking) return stop();
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    camera.hidden = true;
    document.getElementById("image-hint").textContent = texts.verify.no_camera;
    return;
  }
  viewer.hidden = false;
  camera.textContent = texts.verify.stop;
  await video.play();
  looking = setInterval(look, LOOK_MILLISECONDS);
});

async function look() {
  const [found] = await detector.detect(video).catch(() => []);
  if (!found || !looking) return;
  stop();
  text.value = found.rawValue;
  image.value = "";
  verify();
}

function stop() {
  clearInterval(looking);
  looking = null;
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  viewer.hidden = true;
  camera.textContent = texts.verify.camera;
}
