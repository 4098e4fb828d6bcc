// Keeps a few pages readable offline: those that ask for it (see static/js/shared/offline.js) and one that says so.
// Nothing else is cached: times that look free must be free.
const SHELL = "medai-shell-1";
// Followed by the mark of the person whose pages they are; of one person at a time.
const PAGES = "medai-pages-";
const MOST_PAGES = 20;
const SHELL_FILES = {{ shell|safe }};
const OFFLINE = "{{ offline|escapejs }}";
const SIGN_OUT = "{{ sign_out|escapejs }}";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(SHELL_FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const isOurs = (name) => name === SHELL || name.startsWith(PAGES);
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => !isOurs(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function keptFor() {
  return (await caches.keys()).find((name) => name.startsWith(PAGES));
}

async function forget(except) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== except);
  await Promise.all(names.map((name) => caches.delete(name)));
}

// Keeps an answer that still asks for it in this person's name; anything else ends what was kept of that address.
async function settle(name, url, response) {
  if (response.status >= 500) return;
  if (response.redirected || response.type === "opaqueredirect") {
    // Sent to sign in, or elsewhere: what is not theirs to see any more is not kept.
    await forget();
    return;
  }
  const mark = /\sdata-offline(?:="([^"]*)")?[\s>]/.exec(response.ok ? await response.clone().text() : "");
  const cache = await caches.open(name);
  if (mark && PAGES + (mark[1] ?? "") === name) await cache.put(url, response);
  else await cache.delete(url);
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST_PAGES)).map((request) => cache.delete(request)));
}

async function keep({ url, person, too }) {
  const name = PAGES + person;
  await forget(name);
  const cache = await caches.open(name);
  const known = new Set((await cache.keys()).map((request) => request.url));
  for (const each of [url, ...too.filter((other) => !known.has(other)).slice(0, MOST_PAGES - 1)]) {
    if (new URL(each).origin !== self.location.origin) continue;
    await settle(name, each, await fetch(each, { credentials: "same-origin" }));
  }
}

self.addEventListener("message", (event) => {
  if (event.data?.type === "keep") event.waitUntil(keep(event.data));
  if (event.data?.type === "forget") event.waitUntil(forget());
});

async function page(event) {
  const { request } = event;
  try {
    const response = await fetch(request);
    const name = await keptFor();
    if (name && (await (await caches.open(name)).match(request.url)))
      event.waitUntil(settle(name, request.url, response.clone()));
    return response;
  } catch {
    return (await caches.match(request.url)) ?? (await caches.match(OFFLINE));
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && SIGN_OUT && url.pathname === SIGN_OUT) event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (SHELL_FILES.includes(url.pathname))
    event.respondWith(fetch(request).catch(() => caches.match(url.pathname)));
});
