/** What every page does better with a script: copying, sharing, times in the reader's own zone. */

export const texts = JSON.parse(document.getElementById("texts").textContent);

document.documentElement.classList.add("js");
dress(document);

document.addEventListener("click", async ({ target }) => {
  const copy = target.closest?.("[data-copy]");
  const share = target.closest?.("[data-share]");
  if (copy) await copyFrom(copy);
  if (share) await shareFrom(share);
});

/** What has to be done again for a part of a page that was put in later. */
export function dress(part) {
  for (const time of part.querySelectorAll("time.local")) {
    const options = { dateStyle: "medium", timeStyle: "short" };
    time.textContent = new Date(time.dateTime).toLocaleString(undefined, options);
  }
  // The server does not know under which address the public reaches it; the browser does.
  for (const link of part.querySelectorAll("a.address")) link.textContent = link.href;
  for (const button of part.querySelectorAll("[data-share]")) button.hidden = !navigator.share;
}

/** A sentence of ours with the words of strangers in it, as nodes: those stay text, whatever they hold. */
export function fill(sentence, words) {
  const parts = sentence.split(/\{(\w+)\}/).map((part, at) => {
    if (at % 2 === 0) return part;
    return Object.assign(document.createElement("bdi"), { textContent: words[part] });
  });
  const whole = document.createElement("span");
  whole.append(...parts);
  return whole;
}

/** A page of ours as a document, parsed by the browser, which runs no script in it. Rejects when no answer comes. */
export function send(method, address, { body = null, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.responseType = "document";
    for (const [name, value] of Object.entries({ Accept: "text/html", ...headers })) request.setRequestHeader(name, value);
    request.onload = () => (request.response?.getElementById("main") ? resolve(request.response) : reject());
    request.onerror = request.ontimeout = () => reject();
    request.timeout = 40_000;
    request.send(body);
  });
}

async function copyFrom(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.href ?? source.textContent);
  } catch {
    // Not offered over plain http: what is to be copied is selected, and the keys do the rest.
    getSelection().selectAllChildren(source);
    return;
  }
  const label = button.textContent;
  button.textContent = texts.browser.copied;
  setTimeout(() => (button.textContent = label), 1500);
}

async function shareFrom(button) {
  const { href } = document.getElementById(button.dataset.share);
  // Closing the sheet without a choice rejects, and is no error.
  await navigator.share({ text: button.dataset.words, url: href }).catch(() => {});
}
