// Keeps a few pages readable offline: those that asked for it (see static/js/shared/offline.js) and one that says so.
// Nothing else is cached: times that look free must be free.
const SHELL = "medai-shell-1";
const PAGES = "medai-pages-1";
const SHELL_FILES = {{ shell|safe }};
const OFFLINE = "{{ offline|escapejs }}";
const SIGN_OUT = "{{ sign_out|escapejs }}";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(SHELL_FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const current = [SHELL, PAGES];
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => !current.includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function keep(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  // A redirect means the person is no longer signed in: what is not theirs to see is not kept.
  if (response.ok && !response.redirected) await (await caches.open(PAGES)).put(url, response);
}

self.addEventListener("message", (event) => {
  if (event.data?.type === "keep" && new URL(event.data.url).origin === self.location.origin)
    event.waitUntil(keep(event.data.url));
  if (event.data?.type === "forget") event.waitUntil(caches.delete(PAGES));
});

async function page(request) {
  try {
    const response = await fetch(request);
    const pages = await caches.open(PAGES);
    if (response.ok && !response.redirected && (await pages.match(request.url)))
      await pages.put(request.url, response.clone());
    return response;
  } catch {
    return (await caches.match(request.url)) ?? (await caches.match(OFFLINE));
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && SIGN_OUT && url.pathname === SIGN_OUT) event.waitUntil(caches.delete(PAGES));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (SHELL_FILES.includes(url.pathname))
    event.respondWith(fetch(request).catch(() => caches.match(url.pathname)));
});
