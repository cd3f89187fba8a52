// Copies text, opens requests in place, and adds new requests to the list. Without it, the pages
// work with links and reloads.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}

const requests = document.getElementById("requests");
if (requests) {
  requests.addEventListener("toggle", (event) => showDetails(event.target), true);
  const live = document.getElementById("live");
  if (live) live.parentElement.hidden = false;
  setInterval(() => {
    if (!document.hidden && (!live || live.checked)) update().catch(() => {});
  }, 1000);
}

// Replaces the link to a request's page by the content of that page.
async function showDetails(details) {
  const link = details.querySelector("a.more");
  if (!link) return;
  const response = await fetch(link.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const content = page.querySelector(".exchange");
  if (content) link.parentElement.replaceWith(content);
}

// Adds the requests that arrived since the last update, and removes those that were cleared.
async function update() {
  const response = await fetch(`/_sandbox/journal?after=${requests.dataset.last}`);
  const news = await response.json();
  if (news.last < Number(requests.dataset.last)) return location.reload(); // a new start
  requests.dataset.last = news.last;
  requests.insertAdjacentHTML("afterbegin", news.html);
  for (const item of [...requests.children]) {
    if (Number(item.dataset.number) < news.first) item.remove();
  }
  while (requests.children.length > Number(requests.dataset.max)) requests.lastElementChild.remove();
  const total = document.getElementById("total");
  if (!total) return;
  total.textContent = news.total;
  document.getElementById("shown").textContent = requests.children.length;
  document.getElementById("no-requests").hidden = requests.children.length > 0;
}
