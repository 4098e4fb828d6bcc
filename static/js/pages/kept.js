// What can be read without a connection: the pages that the service worker kept for whoever is signed in.
const section = document.querySelector("[data-kept]");
const pages = [];

for (const name of await caches.keys()) {
  if (!name.startsWith("medai-pages-")) continue;
  const cache = await caches.open(name);
  for (const request of await cache.keys()) {
    const text = await (await cache.match(request)).text();
    const { title } = new DOMParser().parseFromString(text, "text/html");
    pages.push({ url: request.url, title: title.split(" · ")[0] });
  }
}

for (const { url, title } of pages) {
  const link = Object.assign(document.createElement("a"), { href: url, textContent: title, className: "tap" });
  const item = document.createElement("li");
  item.append(link);
  section.querySelector("ul").append(item);
}
section.hidden = pages.length === 0;
